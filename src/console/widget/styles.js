// The widget's style sheet, as text: it goes into the shadow root as a constructed sheet.

export const styles = `
:host {
  all: initial;
  --accent: #3d5afe; --accent-strong: #2f45d8; --on-accent: #fff; --text: #191c24; --muted: #636a7a; --line: #e5e7ee;
  --surface: #fff; --sunken: #f0f1f6; --bad: #c2293d; --bad-soft: #fdecee;
  --shadow: 0 16px 48px rgb(20 24 40 / 20%), 0 2px 8px rgb(20 24 40 / 10%);
  color: var(--text); color-scheme: light dark;
  font: 15px/1.5 system-ui, -apple-system, 'Segoe UI', Roboto, 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', sans-serif;
}
@media (prefers-color-scheme: dark) {
  :host {
    --accent: #8b9dff; --accent-strong: #a5b3ff; --on-accent: #10132a; --text: #e9ebf2; --muted: #9aa1b3; --line: #2f3442;
    --surface: #1b1e27; --sunken: #272b37; --bad: #ff8593; --bad-soft: #40212a;
    --shadow: 0 16px 48px rgb(0 0 0 / 55%), 0 2px 8px rgb(0 0 0 / 40%);
  }
}
:host([hidden]) { display: none; }
* { box-sizing: border-box; margin: 0; padding: 0; }
button, textarea { font: inherit; color: inherit; border: 0; background: none; }
button { cursor: pointer; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
.icon { display: block; flex: none; fill: none; stroke: currentcolor; stroke-width: 1.75; stroke-linecap: round; stroke-linejoin: round; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }

.launcher { position: fixed; right: 24px; bottom: 24px; z-index: 2147483000; display: grid; place-items: center; width: 60px; height: 60px; border-radius: 50%;
  background: var(--accent); color: var(--on-accent); box-shadow: var(--shadow); transition: transform 140ms ease-out, background 140ms; }
.launcher:hover { background: var(--accent-strong); transform: scale(1.04); }
.launcher:active { transform: scale(0.97); }
.badge { position: absolute; top: -2px; right: -2px; min-width: 22px; padding: 0 6px; border-radius: 11px; background: #d92d43; color: #fff; font-size: 12px; line-height: 22px; font-weight: 650; text-align: center; }

.panel { position: fixed; right: 24px; bottom: 100px; z-index: 2147483000; display: flex; flex-direction: column; width: 380px; height: min(600px, calc(100vh - 124px));
  border-radius: 20px; background: var(--surface); box-shadow: var(--shadow); overflow: hidden; animation: rise 180ms ease-out; }
.head { display: flex; align-items: center; gap: 8px; padding: 16px 12px 16px 24px; border-bottom: 1px solid var(--line); }
.head-text { flex: 1; min-width: 0; }
.head h2 { font-size: 17px; line-height: 24px; font-weight: 650; letter-spacing: -0.01em; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.head p { font-size: 13px; line-height: 18px; color: var(--muted); overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.round { display: grid; place-items: center; width: 40px; height: 40px; border-radius: 50%; color: var(--muted); flex: none; }
.round:hover { background: var(--sunken); color: var(--text); }

.state { display: flex; align-items: center; gap: 8px; padding: 8px 24px; font-size: 13px; line-height: 18px; background: var(--sunken); color: var(--muted); }
.state-online { padding: 0; height: 0; overflow: hidden; }
.state-reconnecting, .state-offline, .state-stopped { background: var(--bad-soft); color: var(--bad); }
.dot { width: 8px; height: 8px; border-radius: 50%; background: currentcolor; flex: none; animation: pulse 1.2s infinite; }

.messages { flex: 1; min-height: 0; overflow-y: auto; padding: 16px 16px 8px; overscroll-behavior: contain; overflow-anchor: none; scrollbar-width: thin; }
.messages:focus-visible { outline-offset: -2px; }
.older, .day, .activity { margin: 16px 24px; font-size: 12px; line-height: 18px; color: var(--muted); text-align: center; overflow-wrap: anywhere; }
.day { font-weight: 600; }
.line { display: flex; flex-direction: column; align-items: flex-start; margin-top: 2px; }
.line.starts { margin-top: 12px; }
.ours { align-items: flex-end; }
.badge { padding: 0 6px; border-radius: 9px; background: var(--sunken); font-weight: 500; }
.name { margin: 0 14px 2px; font-size: 12px; line-height: 18px; font-weight: 600; color: var(--muted); }
.bubble { max-width: 82%; padding: 9px 14px; border-radius: 18px; background: var(--sunken); overflow-wrap: anywhere; }
.theirs:not(.starts) .bubble { border-top-left-radius: 6px; }
.theirs:not(.ends) .bubble { border-bottom-left-radius: 6px; }
.ours .bubble { background: var(--accent); color: var(--on-accent); }
.ours:not(.starts) .bubble { border-top-right-radius: 6px; }
.ours:not(.ends) .bubble { border-bottom-right-radius: 6px; }
.line[data-state='sending'] .bubble { opacity: 0.7; }
.line[data-state='failed'] .bubble { background: var(--bad-soft); color: var(--text); }
.text { white-space: pre-wrap; unicode-bidi: plaintext; }
.text a { color: inherit; text-decoration: underline; text-underline-offset: 2px; }
.meta { display: flex; align-items: center; gap: 4px; margin: 2px 12px 0; font-size: 12px; line-height: 18px; color: var(--muted); font-variant-numeric: tabular-nums; }
.failure, .kept { margin: 2px 8px 0; font-size: 13px; line-height: 20px; color: var(--bad); }
.kept { color: var(--muted); }
.link { padding: 0 4px; font-weight: 600; text-decoration: underline; }
.mark { display: inline-grid; }
.mark .icon { stroke-width: 2; }
.mark-read { color: var(--accent); }
.mark-read .fill { fill: currentcolor; stroke: none; }
.mark-read .on-fill { stroke: var(--surface); stroke-width: 2.6; }
.mark-failed { color: var(--bad); }
.typing { margin-top: 12px; }
.typing .bubble { display: flex; gap: 4px; padding: 14px; }
.typing i { width: 6px; height: 6px; border-radius: 50%; background: var(--muted); animation: pulse 1s infinite; }
.typing i:nth-child(2) { animation-delay: 150ms; }
.typing i:nth-child(3) { animation-delay: 300ms; }
.to-end { position: absolute; right: 16px; bottom: 88px; background: var(--surface); box-shadow: var(--shadow); }

.composer { padding: 8px 16px 16px; }
.composer-box { display: flex; align-items: flex-end; gap: 4px; padding: 4px; border-radius: 24px; box-shadow: inset 0 0 0 1px var(--line); }
.composer-box:focus-within { box-shadow: inset 0 0 0 2px var(--accent); }
textarea { flex: 1; min-width: 0; max-height: 132px; min-height: 40px; padding: 8px 4px 8px 16px; line-height: 24px; resize: none; outline: none; scrollbar-width: thin; }
textarea:focus-visible { outline: none; }
textarea::placeholder { color: var(--muted); opacity: 1; }
.send { display: grid; place-items: center; width: 40px; height: 40px; border-radius: 50%; background: var(--accent); color: var(--on-accent); flex: none; transition: opacity 120ms; }
.send:hover:not(:disabled) { background: var(--accent-strong); }
.send:disabled { background: var(--sunken); color: var(--muted); cursor: default; }

.state-stopped .dot { animation: none; }
.state > .link { margin-left: auto; }

@keyframes rise { from { opacity: 0; transform: translateY(12px) scale(0.98); } }
@keyframes pulse { 50% { opacity: 0.35; } }

@media (max-width: 560px) {
  .panel { inset: 0 0 auto; width: 100vw; height: var(--visible-height, 100dvh); border-radius: 0; animation: none; }
  [data-shown='true'] .launcher { display: none; }
  .launcher { right: 16px; bottom: calc(16px + env(safe-area-inset-bottom)); }
  .composer { padding-bottom: calc(8px + env(safe-area-inset-bottom)); }
  textarea { font-size: 16px; }
}
@media (prefers-reduced-motion: reduce) {
  * { animation-duration: 1ms !important; animation-iteration-count: 1 !important; transition: none !important; }
}
`;
