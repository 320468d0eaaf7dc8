// The switches: chips and lists with data-setting, and what a click on them does to the focus.

/** The switches of a player as they are at first. */
export const SWITCHES = {
  loop: true,
  speed: 1,
  write: true,
  read: true,
  border: true,
  points: true,
  centre: true,
  trail: true,
};

/** Binds every control under root to the setting it names, where there is such a setting; changed(name)
 * follows each change.
 * @param {HTMLElement} root @param {Record<string, any>} settings @param {(name: string) => void} changed */
export function bindSettings(root, settings, changed) {
  for (const input of /** @type {any} */ (root.querySelectorAll("[data-setting]"))) {
    const name = input.dataset.setting;
    if (!(name in settings)) continue;
    if (input.type === "checkbox") input.checked = settings[name];
    else if (input.type === "radio") input.checked = settings[name] === input.value;
    else input.value = settings[name];
    input.onchange = () => {
      if (input.type === "checkbox") settings[name] = input.checked;
      else settings[name] = name === "speed" ? Number(input.value) : input.value;
      changed(name);
    };
  }
}

/** What is switched off is hidden by the style of the player.
 * @param {HTMLElement} root @param {Record<string, any>} settings */
export function hideSwitchedOff(root, settings) {
  for (const name in SWITCHES) root.classList.toggle(`hide-${name}`, !settings[name]);
}

/** After a click the keys are the player's again; who came by keyboard keeps the focus. @param {HTMLElement} root */
export function leaveKeysToPlayer(root) {
  root.onclick = (event) => {
    const target = /** @type {Element} */ (event.target);
    const byPointer = event.detail > 0;
    if (byPointer) target.closest("button")?.blur(); // at once: a key may follow
  };
  root.onpointerup = (event) => {
    const target = /** @type {Element} */ (event.target);
    const input = target.closest(".chip")?.querySelector("input");
    if (input) setTimeout(() => input.blur()); // its label gives it the focus after this event
  };
}
