// What changed from one version to another: each member with how, what it was and what it is.
import { useMemo } from 'preact/hooks';
import { differences, type Difference } from '../record/difference';
import { writeJson, type Json } from '../record/json';
import { t } from '../words';
import { Table, type Column } from './table';

const signs = { added: '+', removed: '−', changed: '≠' } as const;

const Written = ({ value, as: Tag }: { value: Json; as: 'ins' | 'del' }) => (
  <Tag class="difference">{typeof value === 'string' ? value : writeJson(value)}</Tag>
);

const columns = (): Column<Difference>[] => [
  {
    title: t('record.difference.element'),
    names: true,
    wraps: true,
    cell: ({ path }) => <code>{path}</code>,
  },
  {
    title: t('record.difference.how'),
    cell: ({ kind }) => (
      <>
        <span class="difference__sign" aria-hidden="true">
          {signs[kind]}
        </span>{' '}
        {t(`record.difference.${kind}`)}
      </>
    ),
  },
  {
    title: t('record.difference.before'),
    wraps: true,
    cell: (one) => (one.kind === 'added' ? '–' : <Written value={one.before} as="del" />),
  },
  {
    title: t('record.difference.after'),
    wraps: true,
    cell: (one) => (one.kind === 'removed' ? '–' : <Written value={one.after} as="ins" />),
  },
];

export function DifferenceTable({
  before,
  after,
  caption,
}: {
  before: Json;
  after: Json;
  caption: string;
}) {
  const found = useMemo(() => differences(before, after), [before, after]);
  if (found.length === 0) return <p class="empty">{t('record.difference.none')}</p>;
  return (
    <Table
      caption={caption}
      columns={columns()}
      rows={found}
      keyOf={({ path, kind }) => `${kind} ${path}`}
    />
  );
}
