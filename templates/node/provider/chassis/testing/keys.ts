import { calculateJwkThumbprint, exportJWK, generateKeyPair } from "jose";
import { settings } from "../settings.ts";
import { fakeService } from "./fake-services.ts";

const { privateKey, publicKey } = await generateKeyPair("ES256");
const jwk = await exportJWK(publicKey);

export const signingKey = privateKey;
export const keyId = await calculateJwkThumbprint(jwk);

const { OPENID_CONFIGURATION_URL: url, TOKEN_ISSUER: issuer } = settings();

fakeService(url, (request) =>
  Response.json(
    request.url === url
      ? { issuer, jwks_uri: new URL("/jwks", url).href }
      : { keys: [{ ...jwk, kid: keyId, alg: "ES256", use: "sig" }] },
  ),
);
