// The page with Vue 3, whose template is compiled in the page.

import { createApp, shallowRef } from "vue";

const template = `
  <p>The house is <strong id="status">{{ shown.connection }}</strong></p>
  <p><span id="count">{{ shown.count }}</span> so far</p>
  <section v-for="panel in shown.panels" :key="panel.name" :id="'panel-' + panel.name">
    <h2>{{ panel.name }}</h2>
    <b>{{ panel.number }}</b>
  </section>
  <p v-if="shown.view === 'window'" id="note">{{ shown.note }}</p>
  <table v-if="shown.view === 'table'">
    <tbody id="list">
      <tr v-for="row in shown.rows" :key="row.key"><td v-for="cell in row.cells">{{ cell + " " }}</td></tr>
    </tbody>
  </table>
  <ol v-else-if="shown.view === 'text'" id="list">
    <li v-for="row in shown.rows" :key="row.key">{{ row.text }}</li>
  </ol>
  <ol v-else-if="shown.view !== 'counter'" id="list">
    <li v-for="row in shown.rows" :key="row.key" :data-kind="row.kind" :data-shift="row.shift ?? ''" :data-n="row.n ?? ''">{{ row.text }}</li>
  </ol>`;

export function mount(root, model, subscribe) {
  const shown = shallowRef(model());
  subscribe(() => (shown.value = model()));
  createApp({ template, setup: () => ({ shown }) }).mount(root);
}
