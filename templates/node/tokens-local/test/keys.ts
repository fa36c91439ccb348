export { keyId, signingKey } from "../src/auth/keys.ts";
