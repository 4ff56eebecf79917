// “管理”页面的简体中文文案。

export const zh = {
  nothing_to_manage: '没有可管理的内容',
  nothing_to_manage_hint: '您的角色仅可处理会话。',
};
