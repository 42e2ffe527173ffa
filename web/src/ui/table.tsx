// A table that can be sorted by any column that says how.
import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
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
  const by = sorting.value;
  const toggle = (column: number) => {
    const descending = by?.column === column && !by.descending;
    sorting.value = { column, descending };
  };
  const direction = (column: number) =>
    by?.column !== column ? 'none' : by.descending ? 'descending' : 'ascending';
  return (
    <div class="table" tabIndex={0} role="group" aria-label={caption}>
      <table>
        <caption class="only-heard">{caption}</caption>
        <thead>
          <tr>
            {columns.map(({ title, sort }, i) => (
              <th key={title} scope="col" {...(sort ? { 'aria-sort': direction(i) } : {})}>
                {sort ? (
                  <button
                    class="plain"
                    onClick={() => toggle(i)}
                    title={t('sort.by', { column: title })}
                  >
                    {title}
                    <span aria-hidden="true">
                      {{ none: '', ascending: '↑', descending: '↓' }[direction(i)]}
                    </span>
                  </button>
                ) : (
                  title
                )}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {sorted(rows, columns, by).map((row) => (
            <tr key={keyOf(row)} data-chosen={chosen === keyOf(row)}>
              {columns.map(({ title, cell, names, wraps }) =>
                names ? (
                  <th key={title} scope="row" data-wraps={wraps}>
                    {cell(row)}
                  </th>
                ) : (
                  <td key={title} data-wraps={wraps}>
                    {cell(row)}
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
