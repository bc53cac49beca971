// Shows times in the reader's zone, or in UTC, as the page says; the title has the exact time in UTC.
const zone = document.documentElement.dataset.zone;

function parts(moment, isUtc) {
  const two = (number) => String(number).padStart(2, "0");
  return isUtc
    ? [
        `${moment.getUTCFullYear()}-${two(moment.getUTCMonth() + 1)}-${two(moment.getUTCDate())}`,
        `${two(moment.getUTCHours())}:${two(moment.getUTCMinutes())}:${two(moment.getUTCSeconds())}`,
      ]
    : [
        `${moment.getFullYear()}-${two(moment.getMonth() + 1)}-${two(moment.getDate())}`,
        `${two(moment.getHours())}:${two(moment.getMinutes())}:${two(moment.getSeconds())}`,
      ];
}

export function showTimes(root) {
  const isUtc = zone === "utc";
  const [today] = parts(new Date(), isUtc);
  for (const element of root.querySelectorAll("time[datetime]")) {
    const [day, clock] = parts(new Date(element.dateTime), isUtc);
    const isShort = element.closest(".at") !== null;
    const shown = day === today ? clock : isShort ? `${day.slice(5)} ${clock.slice(0, 5)}` : `${day} ${clock}`;
    element.textContent = isUtc && !isShort ? `${shown} UTC` : shown;
  }
}
