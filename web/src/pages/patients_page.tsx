// Everyone on record, and the way in.
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { addPatient, readPatients } from '../api/calls';
import type { ApiErrorBody, Patient } from '../api/shapes';
import { may, me } from '../state/me';
import { defaultSpanS, go, hrefOfPatient } from '../state/route';
import { errorText } from '../ui/error_text';
import { Field, onSubmit, Outcome, textOf } from '../ui/form';
import { Table, type Column } from '../ui/table';
import { localDate } from '../vital/format';
import { locale, t } from '../words';

const columns = (): Column<Patient>[] => [
  {
    title: t('patients.name'),
    names: true,
    cell: (patient) => <a href={hrefOfPatient(patient.id)}>{patient.display_name}</a>,
    sort: (patient) => patient.display_name,
  },
  {
    title: t('patients.bed'),
    cell: (patient) => [patient.unit, patient.bed].filter(Boolean).join(' · ') || '–',
    sort: (patient) => `${patient.unit ?? ''} ${patient.bed ?? ''}`,
  },
  {
    title: t('patients.identifier'),
    cell: (patient) => patient.identifier ?? '–',
    sort: (patient) => patient.identifier ?? '',
  },
  {
    title: t('patients.birth_date'),
    cell: (patient) =>
      patient.birth_date === null ? '–' : localDate(patient.birth_date, locale.value),
    sort: (patient) => patient.birth_date ?? '',
  },
];

function AdmitForm({ onAdmitted }: { onAdmitted: () => void }) {
  const outcome = useSignal<string | null>(null);
  const admit = async (form: FormData) => {
    const given = (name: string) => textOf(form, name) || null;
    const answer = await addPatient({
      display_name: textOf(form, 'display_name'),
      identifier: given('identifier'),
      unit: given('unit'),
      bed: given('bed'),
      birth_date: given('birth_date'),
    });
    outcome.value = answer.ok
      ? t('patients.admitted', { name: answer.body.display_name })
      : errorText(answer.error);
    if (answer.ok) onAdmitted();
    return answer.ok;
  };
  return (
    <form id="admit" class="card" onSubmit={onSubmit(admit)}>
      <h2>{t('patients.admit')}</h2>
      <Field label={t('patients.name')}>
        <input name="display_name" required autocomplete="off" />
      </Field>
      <Field label={t('patients.unit')}>
        <input name="unit" autocomplete="off" />
      </Field>
      <Field label={t('patients.bed')}>
        <input name="bed" autocomplete="off" />
      </Field>
      <Field label={t('patients.identifier')}>
        <input name="identifier" autocomplete="off" />
      </Field>
      <Field label={t('patients.birth_date')}>
        <input name="birth_date" type="date" />
      </Field>
      <button class="primary">{t('patients.submit')}</button>
      <Outcome text={outcome.value} />
    </form>
  );
}

/** Somebody whom no list of theirs shows: in an emergency their number opens them. */
function OpenByNumber() {
  const open = (form: FormData) => {
    go({ page: 'patient', id: textOf(form, 'number'), view: { spanS: defaultSpanS, toMs: null } });
    return Promise.resolve(true);
  };
  return (
    <form class="card" onSubmit={onSubmit(open)} aria-labelledby="by-number">
      <h2 id="by-number">{t('patients.by_number')}</h2>
      <Field label={t('patients.number')} hint={t('patients.by_number_hint')}>
        <input name="number" required inputMode="numeric" pattern="[0-9]+" autocomplete="off" />
      </Field>
      <button>{t('patients.open')}</button>
    </form>
  );
}

export function PatientsPage() {
  const patients = useSignal<Patient[] | null>(null);
  const failed = useSignal<ApiErrorBody | null>(null);
  const filter = useSignal('');
  const load = async () => {
    const answer = await readPatients();
    failed.value = answer.ok ? null : answer.error;
    if (answer.ok) patients.value = answer.body.patients;
  };
  useEffect(() => {
    void load();
    // eslint-disable-next-line react-hooks/exhaustive-deps -- once, when the page opens
  }, []);
  const all = patients.value ?? [];
  const hasSide = may('patients', 'w') || me.value?.emergency === true;
  const wanted = filter.value.toLocaleLowerCase();
  const shown = all.filter((patient) =>
    [patient.display_name, patient.identifier, patient.bed].some((text) =>
      text?.toLocaleLowerCase().includes(wanted),
    ),
  );
  return (
    <div class={`page${hasSide ? '' : ' page--alone'}`}>
      <header class="page__head">
        <h1>{t('patients.title')}</h1>
        <p class="quiet">{t('patients.count', { n: shown.length })}</p>
        {may('patients', 'w') && (
          <a class="button page__jump" href="#admit">
            {t('patients.admit')}
          </a>
        )}
      </header>
      <div class="page__main">
        <Field label={t('patients.filter')}>
          <input
            type="search"
            value={filter.value}
            onInput={(event) => (filter.value = event.currentTarget.value)}
          />
        </Field>
        {failed.value && <p class="notice">{errorText(failed.value)}</p>}
        {all.length > 0 ? (
          <Table
            caption={t('patients.title')}
            columns={columns()}
            rows={shown}
            keyOf={(patient) => patient.id}
          />
        ) : (
          <p class="empty">
            {patients.value
              ? t(me.value?.everyone ? 'patients.empty' : 'patients.none_of_yours')
              : t('app.loading', { what: t('patients.title') })}
          </p>
        )}
      </div>
      {hasSide && (
        <div class="page__side">
          {may('patients', 'w') && <AdmitForm onAdmitted={() => void load()} />}
          {me.value?.emergency && <OpenByNumber />}
        </div>
      )}
    </div>
  );
}
