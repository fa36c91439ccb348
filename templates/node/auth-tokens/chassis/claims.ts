/** Claims of access tokens that the auth service issues. */

export const ALGORITHMS = ["ES256"];

export const REQUIRED = ["exp", "iat", "jti", "sub"];

export const accountOf = ({ sub }: { sub: string }): string => sub;

export function rolesOf({ roles }: { sub: string; roles?: unknown }): string[] {
  return Array.isArray(roles) ? roles.filter((role) => typeof role === "string") : [];
}
