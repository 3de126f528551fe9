// Allure Report 3: what `harness report` builds. One report to serve (full/), and the same as a single file (single/).
const options = {
  reportName: "Event stream harness",
  reportLanguage: "en",
  // A test is in one group, so that the sums are right: properties ("story") are many for each test, and stay its labels.
  groupBy: ["epic", "feature", "suite"],
  sections: ["charts", "timeline"],
};
const awesome = "@allurereport/plugin-awesome";

export default {
  name: "Event stream harness",
  // The runs before this one: trends, and what is new, fixed, regressed or flaky. Keep it between runs.
  historyPath: process.env.HARNESS_ALLURE_HISTORY,
  historyLimit: 50,
  // The first category that fits has the test. "failed" is the product, "broken" the harness or the machine.
  categories: [
    {
      name: "Promises broken, by cause",
      matchers: { statuses: ["failed"], labels: { cause: /./ } },
      groupBy: [{ label: "cause" }, { label: "hop" }],
      groupByMessage: false, // messages have ids in them, and would be a group for each test
      expand: true,
    },
    { name: "Promises broken, cause not known", matchers: { statuses: ["failed"] }, groupByMessage: true },
    {
      name: "Evidence is missing: neither passed nor failed",
      matchers: { statuses: ["broken"], labels: { verdict: "unknown" } },
      groupByMessage: true,
    },
    { name: "The worker crashed", matchers: { statuses: ["broken"], labels: { tag: "crashed" } } },
    { name: "The harness or the machine broke", matchers: { statuses: ["broken"] }, groupByMessage: true },
  ],
  plugins: {
    full: { import: awesome, options },
    single: { import: awesome, options: { ...options, singleFile: true } },
    agent: { enabled: false },
  },
};
