// Drawings in the order they came about. A drawing is an array of strokes that is never changed in
// place, so that undo also brings back what was cleared.

const MOST = 500;

export class History {
  #drawings = [[]];
  #at = 0;

  get current() {
    return this.#drawings[this.#at];
  }

  get canUndo() {
    return this.#at > 0;
  }

  get canRedo() {
    return this.#at < this.#drawings.length - 1;
  }

  push(drawing) {
    this.#drawings = [...this.#drawings.slice(0, this.#at + 1), drawing].slice(-MOST);
    this.#at = this.#drawings.length - 1;
  }

  undo() {
    this.#at -= 1;
  }

  redo() {
    this.#at += 1;
  }
}
