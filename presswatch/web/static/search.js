// Beside what the page can do without: Enter asks, Shift and Enter begin a new line.
for (const box of document.querySelectorAll("textarea[data-enter]")) {
  box.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      box.form.requestSubmit();
    }
  });
}
