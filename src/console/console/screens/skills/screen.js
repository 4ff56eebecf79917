// Skills: what agents can be good at, and how well each agent is.

import { html } from '../../shared/ui.js';
import { Listing, useListing } from '../../kit/listing.js';
import { KIT_STYLES } from '../../kit/styles.js';
import { useDesk } from '../../shell/context.js';
import { SkillList } from './list.js';
import { SkillPage } from './skill.js';
import { en } from './words/en.js';
import { zh } from './words/zh.js';

export const words = { en, 'zh-CN': zh };

export const styles = [...KIT_STYLES, new URL('./styles.css', import.meta.url)];

export function View({ route }) {
  const { workspace } = useDesk();
  const skills = useListing(workspace.store('skills', () => new Listing(() => workspace.api.get('skills'))));
  const agents = useListing(workspace.store('agents', () => new Listing(() => workspace.api.get('agents'))));
  const { skill } = route.params;
  return skill
    ? html`<${SkillPage} key=${skill} id=${skill === 'new' ? null : skill} skills=${skills} />`
    : html`<${SkillList} skills=${skills} agents=${agents} />`;
}
