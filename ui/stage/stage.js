// The Stage as a component: it plays the film that Python sends.

import { component } from "../kit/component.js";
import { Stage } from "./view.js";

export default component(Stage);
