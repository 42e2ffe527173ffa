// A table that can be sorted by any column that says how. Where it would have to be scrolled sideways
// each row is a card, with the columns' names beside its values.
import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { locale, t } from '../words';
import './table.css';

export interface Column<Row> {
  title: string;
  cell: (row: Row) => ComponentChildren;
  /** What to sort by; without it the column cannot be sorted. */
  sort?: (row: Row) => string | number;
  /** The cell that names the row. */
  names?: true;
  /** Long words of its own: may take several lines. Ids, times and figures stay on one. */
  wraps?: true;
}

/** What a column needs in the middle, in lines of text: with less, rows are cards. */
const columnWidthMin = 7.5;

interface Sorting {
  column: number;
  descending: boolean;
}

function sorted<Row>(rows: readonly Row[], columns: readonly Column<Row>[], by: Sorting | null) {
  const key = by && columns[by.column]?.sort;
  if (!key) return rows;
  const collator = new Intl.Collator(locale.value, { numeric: true });
  const compare = (a: Row, b: Row) => {
    const [x, y] = [key(a), key(b)];
    if (typeof x === 'number' && typeof y === 'number') return x - y;
    return collator.compare(String(x), String(y));
  };
  const order = [...rows].sort(compare);
  return by.descending ? order.reverse() : order;
}

export function Table<Row>({
  caption,
  columns,
  rows,
  keyOf,
  chosen,
}: {
  caption: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  keyOf: (row: Row) => string;
  chosen?: string | null;
}) {
  const sorting = useSignal<Sorting | null>(null);
  const element = useRef<HTMLDivElement>(null);
  const stacked = useSignal(false);
  const scrolls = useSignal(false);
  useLayoutEffect(() => {
    const table = element.current;
    if (!table) return undefined;
    const fit = () => {
      const line = parseFloat(getComputedStyle(document.documentElement).fontSize);
      stacked.value = table.clientWidth < columns.length * columnWidthMin * line;
      scrolls.value = table.scrollWidth > table.clientWidth;
    };
    fit();
    const sizes = new ResizeObserver(fit);
    sizes.observe(table);
    for (const inside of table.children) sizes.observe(inside);
    return () => sizes.disconnect();
  }, [columns.length, stacked, scrolls]);
  const by = sorting.value;
  const toggle = (column: number) => {
    const descending = by?.column === column && !by.descending;
    sorting.value = { column, descending };
  };
  const direction = (column: number) =>
    by?.column !== column ? 'none' : by.descending ? 'descending' : 'ascending';
  return (
    <div
      ref={element}
      class="table"
      data-stacked={stacked.value}
      {...(scrolls.value ? { tabIndex: 0 } : {})}
      role="group"
      aria-label={caption}
    >
      {/* Where the rows are cards they are a table still: the roles say so. */}
      <table role="table">
        <caption class="only-heard">{caption}</caption>
        <thead role="rowgroup">
          <tr
            role="row"
            {...(columns.some(({ sort }) => sort) ? { 'data-title': t('sort.lead') } : {})}
          >
            {columns.map(({ title, sort }, i) => (
              <th
                key={title}
                role="columnheader"
                scope="col"
                {...(sort ? { 'aria-sort': direction(i) } : {})}
              >
                {sort ? (
                  <button
                    class="plain"
                    onClick={() => toggle(i)}
                    title={t('sort.by', { column: title })}
                  >
                    {title}
                    <span class="table__order" aria-hidden="true">
                      {{ none: '↕', ascending: '↑', descending: '↓' }[direction(i)]}
                    </span>
                  </button>
                ) : (
                  <span>{title}</span>
                )}
              </th>
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup">
          {sorted(rows, columns, by).map((row) => (
            <tr key={keyOf(row)} role="row" data-chosen={chosen === keyOf(row)}>
              {columns.map(({ title, cell, names, wraps }) =>
                names ? (
                  <th key={title} role="rowheader" scope="row" data-wraps={wraps}>
                    {cell(row)}
                  </th>
                ) : (
                  <td key={title} role="cell" data-title={title} data-wraps={wraps}>
                    <div class="table__value">{cell(row)}</div>
                  </td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
