// English words of the skills screen.

export const en = {
  skills: 'Skills',
  skills_hint: 'What agents can be good at, such as a language or a product.',
  new_skill: 'New skill',
  make_skill: 'Create skill',
  no_skills: 'No skills yet',
  no_skills_hint: 'Create one, then say which agents have it.',
  who_can_what: 'Who can what',
  agent: 'Agent',
  choose_agent: 'Choose an agent',
  level_none: 'Not at all',
  level_1: '1, some', level_2: '2', level_3: '3, good', level_4: '4', level_5: '5, expert',
  name: 'Name',
  name_hint: 'Such as Spanish, or Returns.',
  delete_skill: 'Delete skill',
  delete_title: 'Delete the skill {name}?',
  delete_hint: 'Agents who have it lose it. It cannot be brought back.',
  problem_no_reference: 'A skill does not exist any more.',
  problem_too_many: 'There are as many skills as there can be.',
};
