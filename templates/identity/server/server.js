// OpenID provider for development: whoever logs in is a user, and any password is right.
import { createHash, createPrivateKey } from "node:crypto";
import { readFileSync } from "node:fs";
import Provider, { errors } from "oidc-provider";

const { HOST, PORT = "8090", TOKEN_ISSUER, TOKEN_AUDIENCE, ROLES_CLAIM, SIGNING_KEY } = process.env;
const ACCESS_TOKEN_SECONDS = 900;

/** Login -> roles. */
const users = JSON.parse(readFileSync(new URL("users.json", import.meta.url), "utf8"));
const accounts = new Map(Object.entries(users));

const key = createPrivateKey(Buffer.from(SIGNING_KEY, "base64")).export({ format: "jwk" });
const kid = createHash("sha256").update(key.x).digest("hex").slice(0, 16);

const resourceServer = {
  audience: TOKEN_AUDIENCE,
  scope: "",
  accessTokenFormat: "jwt",
  accessTokenTTL: ACCESS_TOKEN_SECONDS,
  jwt: { sign: { alg: "ES256" } },
};

/** Claims of an account, with its roles where the services look for them. */
function rolesOf(login) {
  const path = ROLES_CLAIM.includes("://") ? [ROLES_CLAIM] : ROLES_CLAIM.split(".");
  return path.reduceRight((inner, name) => ({ [name]: inner }), accounts.get(login) ?? []);
}

const accountOf = (login) => ({
  accountId: login,
  claims: () => ({ sub: login, name: login, email: `${login}@example.com`, ...rolesOf(login) }),
});

const provider = new Provider(TOKEN_ISSUER, {
  clients: [
    {
      // Of browsers and tests: no secret, any loopback port.
      client_id: "dev",
      token_endpoint_auth_method: "none",
      application_type: "native",
      grant_types: ["authorization_code", "refresh_token", "password"],
      redirect_uris: ["http://127.0.0.1/callback", "http://localhost/callback"],
    },
  ],
  jwks: { keys: [{ ...key, kid, use: "sig", alg: "ES256" }] },
  clientDefaults: { id_token_signed_response_alg: "ES256" },
  findAccount: (_context, login) => accountOf(login),
  extraTokenClaims: (_context, token) => token.accountId && rolesOf(token.accountId),
  claims: { openid: ["sub", "email", "name"] },
  clientBasedCORS: () => true,
  features: {
    devInteractions: { enabled: true },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => "urn:resource",
      useGrantedResource: () => true,
      getResourceServerInfo: () => resourceServer,
    },
  },
});

// curl and tests get tokens without a browser: grant_type=password, and roles in a parameter of their own.
provider.registerGrantType(
  "password",
  async (context) => {
    const { client, params } = context.oidc;
    const { username, roles } = params;
    if (!username) throw new errors.InvalidRequest("missing username");
    accounts.set(username, roles?.split(" ") ?? users[username] ?? []);
    const token = new provider.AccessToken({ client, accountId: username });
    token.resourceServer = new provider.ResourceServer("urn:resource", resourceServer);
    context.body = {
      access_token: await token.save(),
      token_type: "Bearer",
      expires_in: ACCESS_TOKEN_SECONDS,
    };
  },
  ["username", "password", "roles"],
);

const server = provider.listen(Number(PORT), HOST);
process.on("SIGTERM", () => server.close());
