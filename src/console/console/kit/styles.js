// The style sheets that pages built from the kit need.

export const KIT_STYLES = [new URL('./kit.css', import.meta.url)];
