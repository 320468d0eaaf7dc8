// The address bar follows what is shown, without a new entry in the browser's history.

/** link: parameters that always belong to it, or null to leave the address alone. values: what is
 * shown; a parameter without a value is left out.
 * @param {Record<string, any> | null} link @param {Record<string, any>} values */
export function followAddress(link, values) {
  if (!link) return;
  const url = new URL(location.href);
  const figure = url.searchParams.get("figure");
  if (figure && link.figure && figure !== link.figure) return; // the page has been turned meanwhile
  for (const [name, value] of Object.entries({ ...link, ...values })) {
    if (value === null) url.searchParams.delete(name);
    else url.searchParams.set(name, value);
  }
  history.replaceState(history.state, "", url);
}

// How the page is embedded in another site: links to our own pages say it too.
export function embedding() {
  const parameters = new URLSearchParams(location.search);
  return [...parameters].filter(([name]) => name === "embed" || name === "embed_options");
}
