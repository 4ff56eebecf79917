// The colour that a tenant chose for the widget.

/**
 * Custom properties for `colour` (`#rrggbb`), with text on it in the better readable of black and white; null for none.
 */
export function coloured(colour) {
  if (!/^#[0-9a-f]{6}$/i.test(colour ?? '')) return null;
  return { '--accent': colour, '--accent-strong': colour, '--on-accent': luminance(colour) > 0.179 ? '#000' : '#fff' };
}

/** Sets or removes the colour on the widget's element. */
export function applyColour(host, colour) {
  const properties = coloured(colour);
  for (const name of ['--accent', '--accent-strong', '--on-accent']) {
    if (properties) host.style.setProperty(name, properties[name]);
    else host.style.removeProperty(name);
  }
}

// Relative luminance (WCAG 2). At 0.179 black and white text have the same contrast.
function luminance(colour) {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
