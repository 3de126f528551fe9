// How much of a picture changed between before and after, and where: marked in cells over the later one.
// The Markdown report tells the same (changed.py), with the same bounds.

const CELL = 12;
const STRONG = 24; // the sum of the differences of red, green and blue, below which none is visible

function pixels(image) {
  const canvas = document.createElement("canvas");
  canvas.width = image.naturalWidth;
  canvas.height = image.naturalHeight;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.drawImage(image, 0, 0);
  return context.getImageData(0, 0, canvas.width, canvas.height);
}

/** Whether a pixel differs so that one sees it; one that only one of the pictures has does. */
function differs(before, after, x, y) {
  if (x >= Math.min(before.width, after.width) || y >= Math.min(before.height, after.height)) return true;
  const [was, is] = [before, after].map(({ width }) => 4 * (y * width + x));
  let difference = 0;
  for (let colour = 0; colour < 3; colour++) difference += Math.abs(after.data[is + colour] - before.data[was + colour]);
  return difference >= STRONG;
}

/** The share of pixels that differ, and the cells that they are in. */
function changes(before, after) {
  const width = Math.max(before.width, after.width), height = Math.max(before.height, after.height);
  const cells = new Set();
  let count = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (!differs(before, after, x, y)) continue;
      count++;
      cells.add(`${Math.floor(x / CELL)},${Math.floor(y / CELL)}`);
    }
  }
  return { share: count / (width * height), cells };
}

function marks(cells, { width, height }) {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  canvas.setAttribute("aria-hidden", "true");
  const context = canvas.getContext("2d");
  context.fillStyle = "rgb(220 0 0)"; // over a picture, whose colours are not this page's
  context.globalAlpha = 0.35;
  for (const cell of cells) {
    const [column, row] = cell.split(",").map(Number);
    context.fillRect(column * CELL, row * CELL, CELL, CELL);
  }
  return canvas;
}

async function tellChange(slider) {
  const said = slider.querySelector(".changed"), stack = slider.querySelector(".stack");
  const [before, after] = [slider.querySelector("img.before"), slider.querySelector("img.after")];
  await Promise.all([before.decode(), after.decode()]);
  const later = pixels(after), found = changes(pixels(before), later);
  said.hidden = false;
  if (found.cells.size === 0) said.textContent = "No visible difference between before and after.";
  else {
    const percent = found.share * 100;
    const box = document.createElement("input"), label = document.createElement("label");
    box.type = "checkbox";
    box.addEventListener("change", () => slider.classList.toggle("marked", box.checked));
    label.append(box, " mark it");
    said.append(`${percent < 0.1 ? "less than 0.1" : percent.toFixed(1)} % of the picture changed.`, label);
    stack.append(marks(found.cells, later));
  }
}

for (const slider of document.querySelectorAll(".slider")) tellChange(slider).catch(() => {}); // a picture that is broken
