// Shows how many goods there are, from the same data that other programs get.
fetch("/api/items")
  .then((answer) => answer.json())
  .then((items) => {
    document.querySelector("#count").textContent = `${items.length} goods`;
  });
