import { createPrivateKey, createPublicKey, type KeyObject } from "node:crypto";
import { calculateJwkThumbprint, exportJWK } from "jose";
import { settings } from "./settings.ts";

/** Reads PKCS #8 in PEM in base64; throws an error that does not show it. */
export function readSigningKey(encoded: string): KeyObject {
  try {
    const key = createPrivateKey(Buffer.from(encoded, "base64"));
    if (key.asymmetricKeyDetails?.namedCurve === "prime256v1") return key;
  } catch {
    // What OpenSSL says of it helps nobody.
  }
  throw new Error("wrong settings: SIGNING_KEY: Must be a P-256 private key, PEM in base64");
}

function keyOrExit(): KeyObject {
  try {
    return readSigningKey(settings.SIGNING_KEY);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  }
}

export const signingKey = keyOrExit();

const publicKey = await exportJWK(createPublicKey(signingKey));

export const keyId = await calculateJwkThumbprint(publicKey);

/** The public keys that access tokens can be checked with. */
export const jwks = { keys: [{ ...publicKey, kid: keyId, alg: "ES256", use: "sig" }] };
