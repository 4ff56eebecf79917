// English words of the page "Manage".

export const en = {
  nothing_to_manage: 'Nothing to manage',
  nothing_to_manage_hint: 'Your role allows to work with conversations only.',
};
