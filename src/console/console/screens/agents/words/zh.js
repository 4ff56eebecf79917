// 客服人员页面的简体中文文案。

export const zh = {
  agents: '客服人员',
  agents_hint: '负责回复的人员。不再允许登录的人员，其姓名仍保留在过往会话中。',
  new_agent: '新建客服人员',
  make_agent: '创建客服人员',
  name: '姓名',
  name_hint: '联系人可见。',
  role: '角色',
  role_unknown: '未知角色',
  not_own_role: '您自己的角色和登录权限须由他人修改。',
  new_password: '新密码',
  new_password_hint: '留空则保留原密码。新密码至少 {n} 个字符。',
  password_hint: '至少 {n} 个字符。',
  password_short: '密码至少 {n} 个字符。',
  email_needed: '请填写邮箱地址。',
  active: '允许登录',
  active_hint: '取消后，已打开的控制台会在数秒内退出。',
  inactive: '不允许登录',
};
