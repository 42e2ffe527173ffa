// Numbers and times as the viewer writes them. The digits stay those the device sent.

const minusSign = '\u2212';

/** A formatter takes longer to make than a tile to draw: each is made once. */
export function once<T>(make: (key: string) => T): (key: string) => T {
  const made = new Map<string, T>();
  return (key) => {
    let it = made.get(key);
    if (it === undefined) {
      it = make(key);
      made.set(key, it);
    }
    return it;
  };
}

const separatorOf = once((locale) => {
  const parts = new Intl.NumberFormat(locale).formatToParts(1.5);
  return parts.find((part) => part.type === 'decimal')?.value ?? '.';
});

const numberFormat = once((key) => {
  const [locale, digits] = key.split(' ');
  return new Intl.NumberFormat(locale, { maximumFractionDigits: Number(digits) });
});

const dateTimeFormat = once(
  (locale) =>
    new Intl.DateTimeFormat(locale, {
      year: 'numeric',
      month: 'short',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
      timeZoneName: 'short',
    }),
);

const timeFormat = once(
  (locale) =>
    new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit', second: '2-digit' }),
);

/** "-1.50" → "−1,50" (de): a real minus sign, the viewer's decimal mark, the same precision. */
export function localDecimal(text: string, locale: string): string {
  return text.replace('.', separatorOf(locale)).replace('-', minusSign);
}

/** A number of ours (a rate, a count, a mean), with at most `digits` behind the mark. */
export function localNumber(value: number, locale: string, digits = 0): string {
  return numberFormat(`${locale} ${digits}`).format(value).replace('-', minusSign);
}

/** How many digits stand behind the mark of a number as text. */
export function decimalsOf(text: string): number {
  const mark = text.indexOf('.');
  return mark < 0 ? 0 : text.replace(/[eE].*$/, '').length - mark - 1;
}

export function localTime(ms: number, locale: string): string {
  return timeFormat(locale).format(ms);
}

/** Date and time to the second, with the zone named: for provenance and tables. */
export function localDateTime(ms: number, locale: string): string {
  return dateTimeFormat(locale).format(ms);
}

const timeOfDayFormat = once(
  (locale) => new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit' }),
);

const minuteFormat = once(
  (locale) => new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' }),
);

/** "14:05": of something that lasts hours. */
export function localTimeOfDay(ms: number, locale: string): string {
  return timeOfDayFormat(locale).format(ms);
}

/** Date and time to the minute, in the viewer's zone. */
export function localMinute(ms: number, locale: string): string {
  return minuteFormat(locale).format(ms);
}

const rangeFormat = once((key) => {
  const [locale, second] = key.split(' ');
  return new Intl.DateTimeFormat(locale, {
    year: 'numeric',
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    ...(second ? { second: '2-digit' } : {}),
    timeZoneName: 'short',
  });
});

const dateParts: Intl.DateTimeFormatOptions[] = [
  { year: 'numeric' },
  { year: 'numeric', month: 'long' },
  { dateStyle: 'medium' },
];

/** A date of birth is a day, or as much of it as is known ("1957-02"), the same in every zone. */
export function localDate(date: string, locale: string): string {
  const ms = Date.parse(date);
  if (Number.isNaN(ms)) return date;
  const known = dateParts[date.split('-').length - 1] ?? {};
  return new Intl.DateTimeFormat(locale, { ...known, timeZone: 'UTC' }).format(ms);
}

/** A span as short as it can be said: "9 May 2026, 23:46 – 10 May 2026, 01:46 CEST". */
export function localSpan(fromMs: number, toMs: number, locale: string): string {
  const short = toMs - fromMs <= 900_000;
  return rangeFormat(short ? `${locale} seconds` : locale).formatRange(fromMs, toMs);
}

/** 1536 → "1.5 kB", in powers of 1000. */
export function localBytes(bytes: number, locale: string): string {
  const names = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let step = 0;
  while (value >= 1000 && step < names.length - 1) {
    value /= 1000;
    step += 1;
  }
  return `${localNumber(value, locale, step > 0 && value < 100 ? 1 : 0)} ${names[step] ?? ''}`;
}
