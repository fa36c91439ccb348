import { calculateJwkThumbprint, exportJWK, generateKeyPair } from "jose";
import { settings } from "../settings.ts";
import { fakeService } from "./fake-services.ts";

const { privateKey, publicKey } = await generateKeyPair("ES256");
const jwk = await exportJWK(publicKey);

export const signingKey = privateKey;
export const keyId = await calculateJwkThumbprint(jwk);

fakeService(settings().JWKS_URL, () =>
  Response.json({ keys: [{ ...jwk, kid: keyId, alg: "ES256", use: "sig" }] }),
);
