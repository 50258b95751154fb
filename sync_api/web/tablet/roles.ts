import type { Role } from '../shared/api';

const INSPECTORS: readonly Role[] = ['station', 'county', 'city'];
/** Who checks villages, and works on a tablet for nothing else. */
export const isInspector = ({ role }: { role: Role }): boolean => INSPECTORS.includes(role);
