// 技能页面的简体中文文案。

export const zh = {
  skills: '技能',
  skills_hint: '客服人员擅长的内容，例如某种语言或产品。',
  new_skill: '新建技能',
  make_skill: '创建技能',
  no_skills: '还没有技能',
  no_skills_hint: '创建技能后，再指定哪些客服人员具备。',
  who_can_what: '人员技能',
  agent: '客服人员',
  choose_agent: '请选择客服人员',
  level_none: '不具备',
  level_1: '1，了解', level_2: '2', level_3: '3，良好', level_4: '4', level_5: '5，专家',
  name: '名称',
  name_hint: '例如“西班牙语”或“退货”。',
  delete_skill: '删除技能',
  delete_title: '删除技能“{name}”？',
  delete_hint: '具备此技能的客服人员将失去它。删除后无法恢复。',
  problem_no_reference: '某项技能已不存在。',
  problem_too_many: '技能数量已达上限。',
};
