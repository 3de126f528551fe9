// A list of which only the rows in view are in the document, however long it is. All rows have the same height.

const AHEAD = 8; // rows that are drawn beyond each edge, so that a fast scroll meets no blank
const MOST_PRINTED = 400;

class LongList {
  // `draw(first, last)` gives the elements of these rows; `head` stays at the top of `box`.
  constructor(box, rowHeight, head, draw) {
    Object.assign(this, { box, rowHeight, head, draw, count: 0, first: -1, last: -1, isPrinted: false, isAsked: false });
    this.pane = node("div", { class: "pane" });
    this.sizer = node("div", { class: "sizer" }, this.pane);
    this.rest = node("p", { class: "rest" });
    box.append(head, this.sizer);
    box.after(this.rest);
    box.addEventListener("scroll", () => this.ask(), { passive: true });
    new ResizeObserver(() => this.refresh()).observe(box);
  }

  show(count) {
    this.count = count;
    this.sizer.style.height = `${count * this.rowHeight}px`;
    this.box.scrollTop = 0;
    this.refresh();
  }

  refresh() {
    this.first = -1;
    this.ask();
  }

  // One drawing for each frame, however many scroll events it brings.
  ask() {
    if (this.isAsked) return;
    this.isAsked = true;
    requestAnimationFrame(() => {
      this.isAsked = false;
      this.render();
    });
  }

  // A printed page can't be scrolled: the first rows are on it, and how many are left out.
  print(isPrinted) {
    this.isPrinted = isPrinted;
    this.box.classList.toggle("printed", isPrinted);
    const rows = isPrinted ? Math.min(this.count, MOST_PRINTED) : this.count;
    this.sizer.style.height = `${rows * this.rowHeight}px`;
    const many = this.count.toLocaleString("en");
    this.rest.textContent = rows < this.count ? `The first ${rows} of ${many} rows are printed; the page has all.` : "";
    this.first = -1;
    this.render();
  }

  render() {
    const top = Math.max(this.box.scrollTop - this.head.offsetHeight, 0);
    const inView = Math.ceil(this.box.clientHeight / this.rowHeight);
    const seen = Math.floor(top / this.rowHeight);
    const isDrawn = this.first >= 0 && seen >= this.first && Math.min(seen + inView + 1, this.count) <= this.last;
    if (isDrawn) return;
    const first = this.isPrinted ? 0 : Math.max(seen - AHEAD, 0);
    const last = Math.min(this.isPrinted ? MOST_PRINTED : first + inView + 2 * AHEAD, this.count);
    Object.assign(this, { first, last });
    this.pane.style.transform = `translateY(${first * this.rowHeight}px)`;
    this.pane.replaceChildren(...this.draw(first, last));
  }
}
