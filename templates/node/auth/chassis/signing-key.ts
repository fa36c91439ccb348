import { createHash, createPrivateKey, createPublicKey, type KeyObject } from "node:crypto";
import { once } from "./once.ts";
import { orExit, settings } from "./settings.ts";

/** Reads a variable with PKCS #8 in PEM in base64; throws an error without its value. */
export function readSigningKey(name: string, encoded: string): KeyObject {
  try {
    const key = createPrivateKey(Buffer.from(encoded, "base64"));
    if (key.asymmetricKeyDetails?.namedCurve === "prime256v1") return key;
  } catch {
    // OpenSSL's message helps nobody.
  }
  throw new Error(`wrong settings: ${name}: Must be a P-256 private key, PEM in base64`);
}

/** Returns the public key as a JWK; its id is its RFC 7638 thumbprint. */
function publicJwk(privateKey: KeyObject) {
  const { crv, kty, x, y } = createPublicKey(privateKey).export({ format: "jwk" });
  const members = JSON.stringify({ crv, kty, x, y });
  const kid = createHash("sha256").update(members).digest("base64url");
  const jwk = { kty: String(kty), crv: String(crv), x: String(x), y: String(y) };
  return { ...jwk, kid, alg: "ES256", use: "sig" };
}

/** The key that signs access tokens, its id, and the public keys: current, next and previous. */
export const signingKey = once(() => {
  const read = (name: "SIGNING_KEY" | "NEXT_SIGNING_KEY" | "PREVIOUS_SIGNING_KEY") =>
    orExit(() => readSigningKey(name, settings()[name]));
  const privateKey = read("SIGNING_KEY");
  const current = publicJwk(privateKey);
  const others = [read("NEXT_SIGNING_KEY"), read("PREVIOUS_SIGNING_KEY")].map(publicJwk);
  return { privateKey, keyId: current.kid, jwks: { keys: [current, ...others] } };
});
