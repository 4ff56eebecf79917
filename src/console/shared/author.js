// Who wrote or did something, for those who read it.

/** Kinds of authors that are programs, and the word that marks each. Kinds of a newer version get the last one. */
const MARKS = { contact: null, agent: null, bot: 'kind_bot', system: 'kind_system', integration: 'kind_integration' };

/** The word that marks the author as a program; null for a person. */
export const authorMark = ({ member }) => (member.kind in MARKS ? MARKS[member.kind] : 'kind_other');
