import { createHash, createPrivateKey, createPublicKey, type KeyObject } from "node:crypto";
import { once } from "./once.ts";
import { orExit, settings } from "./settings.ts";

/** Reads PKCS #8 in PEM in base64; throws an error that does not show it. */
export function readSigningKey(encoded: string): KeyObject {
  try {
    const key = createPrivateKey(Buffer.from(encoded, "base64"));
    if (key.asymmetricKeyDetails?.namedCurve === "prime256v1") return key;
  } catch {
    // OpenSSL's message helps nobody.
  }
  throw new Error("wrong settings: SIGNING_KEY: Must be a P-256 private key, PEM in base64");
}

/** The key that signs access tokens, its id (RFC 7638), and the set of public keys. */
export const signingKey = once(() => {
  const privateKey = orExit(() => readSigningKey(settings().SIGNING_KEY));
  const { crv, kty, x, y } = createPublicKey(privateKey).export({ format: "jwk" });
  const members = JSON.stringify({ crv, kty, x, y });
  const keyId = createHash("sha256").update(members).digest("base64url");
  const jwk = { kty: String(kty), crv: String(crv), x: String(x), y: String(y) };
  return { privateKey, keyId, jwks: { keys: [{ ...jwk, kid: keyId, alg: "ES256", use: "sig" }] } };
});
