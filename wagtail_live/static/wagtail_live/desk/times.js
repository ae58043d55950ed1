/**
 * <live-time>: a time as the reporter reads it: relative for an hour, then by the clock,
 * with the date only if it isn't today. A schedule names its time zone. One that is of the
 * kind "clock" stands in a sentence, and is never relative.
 */

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const INTERVAL = 10 * SECOND;

const getBase = (language) => language.split("-")[0].toLowerCase();

/** Return whether a language names a country; Django's default says nothing of the reporter. */
function isChosen(language) {
  return language.includes("-") && language.toLowerCase() !== "en-us";
}

function findVariant(language, languages) {
  return languages.find((each) => getBase(each) === getBase(language));
}

/** Return the locale of the admin's language: the browser's variant of it, if there is one. */
export function getLocale(language, languages) {
  return isChosen(language) ? language : (findVariant(language, languages) ?? language);
}

/** Return the hour cycle: the browser's, where an English admin doesn't tell it. */
export function getHourCycle(language, languages) {
  const isUnknown = getBase(language) === "en" && !isChosen(language);
  const isElsewhere = isUnknown && !findVariant(language, languages) && languages.length > 0;
  const locale = isElsewhere ? languages[0] : getLocale(language, languages);
  return new Intl.DateTimeFormat(locale, { hour: "numeric" }).resolvedOptions().hourCycle;
}

/** Return the options for a time zone, none for a name that the browser doesn't know. */
function getZone(timeZone) {
  try {
    return { timeZone: new Intl.DateTimeFormat("en", { timeZone }).resolvedOptions().timeZone };
  } catch {
    return {};
  }
}

/** Times in a language and a time zone. */
export class Clock {
  #options;

  constructor(language, languages, timeZone) {
    this.locale = getLocale(language, languages);
    this.zone = getZone(timeZone);
    const hourCycle = getHourCycle(language, languages);
    const hour = hourCycle.startsWith("h2") ? "2-digit" : "numeric";
    this.#options = { hour, minute: "2-digit", hourCycle, ...this.zone };
  }

  #format(moment, options) {
    return new Intl.DateTimeFormat(this.locale, options).format(moment);
  }

  #getDay(moment, options) {
    return new Intl.DateTimeFormat("en", { ...this.zone, ...options }).format(moment);
  }

  #isSame(moment, now, options) {
    return this.#getDay(moment, options) === this.#getDay(now, options);
  }

  /** Return the time of day, with the date if it isn't today. */
  getTime(moment, now) {
    const day = { month: "short", day: "numeric" };
    const year = { year: "numeric" };
    if (this.#isSame(moment, now, { ...day, ...year })) {
      return this.#format(moment, this.#options);
    }
    const isThisYear = this.#isSame(moment, now, year);
    return this.#format(moment, { ...(isThisYear ? {} : year), ...day, ...this.#options });
  }

  /** Return how long ago a time was, or the time if that is more than an hour. */
  getAge(moment, now) {
    const age = now - moment;
    if (age >= HOUR || age < -MINUTE) return this.getTime(moment, now);
    const format = new Intl.RelativeTimeFormat(this.locale, { numeric: "auto", style: "short" });
    if (age < MINUTE) return format.format(0, "second");
    return format.format(-Math.floor(age / MINUTE), "minute");
  }

  /** Return the time with its zone; `name` is the zone's short name, if the site knows it. */
  getSchedule(moment, now, name = "") {
    if (/^[A-Z]{2,5}$/.test(name)) return `${this.getTime(moment, now)} ${name}`;
    const parts = new Intl.DateTimeFormat(this.locale, { ...this.zone, timeZoneName: "short" });
    const zone = parts.formatToParts(moment).find(({ type }) => type === "timeZoneName");
    return `${this.getTime(moment, now)} ${zone.value}`;
  }

  /** Return date, time and zone in full. */
  getFull(moment) {
    const day = { weekday: "long", year: "numeric", month: "long", day: "numeric" };
    const clock = { ...this.#options, second: "2-digit", timeZoneName: "short" };
    return this.#format(moment, { ...day, ...clock });
  }
}

const shown = new Set();
let clock;

function showAll() {
  if (!document.hidden) shown.forEach((time) => time.show());
}

/** Keep the times current, from the first one on. */
function start(place) {
  const { timeZone } = place.closest("[data-time-zone]")?.dataset ?? {};
  setInterval(showAll, INTERVAL);
  document.addEventListener("visibilitychange", showAll);
  return new Clock(document.documentElement.lang || "en", navigator.languages, timeZone);
}

class LiveTime extends HTMLElement {
  connectedCallback() {
    clock ??= start(this);
    this.time = this.querySelector("time");
    this.time.title = clock.getFull(new Date(this.time.dateTime));
    shown.add(this);
    this.show();
  }

  disconnectedCallback() {
    shown.delete(this);
  }

  /** Show the time as of now. */
  show() {
    const moment = new Date(this.time.dateTime);
    const now = new Date(Date.now());
    const { kind, zone } = this.dataset;
    const texts = {
      clock: () => clock.getTime(moment, now),
      schedule: () => clock.getSchedule(moment, now, zone),
    };
    const text = texts[kind]?.() ?? clock.getAge(moment, now);
    if (this.time.textContent !== text) this.time.textContent = text;
  }
}

customElements.define("live-time", LiveTime);
