// The devices: register one, attach it to a patient, see how it is.
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import {
  addDevice,
  attachDevice,
  detachDevice,
  readDevices,
  readPatients,
  setClock,
} from '../api/calls';
import type { ApiErrorBody, Device, Patient, Secret } from '../api/shapes';
import { may } from '../state/me';
import { hrefOfPatient } from '../state/route';
import { now } from '../state/watch';
import { AttachDialog } from '../ui/attach_dialog';
import { certificateColumn } from '../ui/certificate_cell';
import { CertificatesDialog } from '../ui/certificates_dialog';
import { DetachDialog } from '../ui/detach_dialog';
import { clockText, deviceState, lastSeen } from '../ui/device_list';
import { errorText } from '../ui/error_text';
import { Field, onSubmit, Outcome, textOf } from '../ui/form';
import { SecretDialog } from '../ui/secret_dialog';
import { Table, type Column } from '../ui/table';
import { UrgentCertificates } from '../ui/urgent_certificates';
import { mostUrgentFirst } from '../vital/certificates';
import { clockIsWrong } from '../vital/device_clock';
import { t } from '../words';

const refreshMs = 5000;

interface Actions {
  attach: (device: Device) => void;
  detach: (device: Device) => void;
  tellTime: (device: Device) => void;
  showCertificates: (device: Device) => void;
}

function columns(
  nameOf: (id: string) => string,
  { attach, detach, tellTime, showCertificates }: Actions,
): Column<Device>[] {
  const all: Column<Device>[] = [
    {
      title: t('devices.column.device'),
      names: true,
      cell: (device) => (
        <>
          {device.display} <code class="quiet">{device.id}</code>
        </>
      ),
      sort: (device) => device.display,
    },
    {
      title: t('devices.column.state'),
      wraps: true,
      cell: (device) => (
        <>
          {deviceState(device, now.value)}
          {lastSeen(device) && <small class="table__aside">{lastSeen(device)}</small>}
        </>
      ),
      sort: (device) => device.connection,
    },
    {
      title: t('devices.column.patient'),
      cell: (device) =>
        device.patient === null ? (
          <span class="quiet">{t('devices.nobody')}</span>
        ) : (
          <a href={hrefOfPatient(device.patient)}>{nameOf(device.patient)}</a>
        ),
      sort: (device) => (device.patient === null ? '' : nameOf(device.patient)),
    },
    {
      title: t('devices.column.battery'),
      cell: (device) => (device.battery ? `${device.battery.percent} %` : '–'),
      sort: (device) => Number(device.battery?.percent ?? 101),
    },
    {
      title: t('devices.column.clock'),
      wraps: true,
      cell: (device) => (
        <div class="table__pair">
          {clockText(device)}
          {may('devices', 'a') && device.clock && clockIsWrong(device.clock.state) && (
            <button
              onClick={() => tellTime(device)}
              aria-label={t('devices.set_clock_of', { device: device.display })}
            >
              {t('devices.set_clock')}
            </button>
          )}
        </div>
      ),
    },
  ];
  if (may('devices', 'a')) all.push(certificateColumn());
  if (may('devices', 'w'))
    all.push({
      title: t('devices.column.actions'),
      wraps: true,
      cell: (device) => (
        <div class="table__pair">
          {device.patient === null ? (
            <button
              onClick={() => attach(device)}
              aria-label={t('devices.attach_of', { device: device.display })}
            >
              {t('devices.attach')}
            </button>
          ) : (
            <button
              onClick={() => detach(device)}
              aria-label={t('devices.detach_of', {
                device: device.display,
                patient: nameOf(device.patient),
              })}
            >
              {t('devices.detach')}
            </button>
          )}
          {may('devices', 'a') && device.gateway === null && (
            <button
              onClick={() => showCertificates(device)}
              aria-label={t('devices.certificates_of', { device: device.display })}
            >
              {t('devices.certificates')}
            </button>
          )}
        </div>
      ),
    });
  return all;
}

const credentialOf = (word: string) =>
  word === 'certificate' || word === 'enrolment' ? word : 'token';

function RegisterForm({
  gateways,
  onRegistered,
}: {
  gateways: readonly Device[];
  onRegistered: (device: Device, secret: Secret | null) => void;
}) {
  const outcome = useSignal<string | null>(null);
  const gateway = useSignal('');
  const register = async (form: FormData) => {
    const display = textOf(form, 'display');
    const through = textOf(form, 'gateway');
    const answer = await addDevice({
      id: textOf(form, 'id'),
      ...(display ? { display } : {}),
      ...(through
        ? { gateway: through }
        : { credential: credentialOf(textOf(form, 'credential')) }),
    });
    outcome.value = answer.ok
      ? t('devices.registered', { device: answer.body.device.display })
      : errorText(answer.error);
    if (answer.ok) gateway.value = '';
    if (answer.ok) onRegistered(answer.body.device, answer.body.secret);
    return answer.ok;
  };
  return (
    <form id="register" class="card" onSubmit={onSubmit(register)}>
      <h2>{t('devices.register')}</h2>
      <Field label={t('devices.id')} hint={t('devices.id_hint')}>
        <input name="id" required autocomplete="off" autocapitalize="none" spellcheck={false} />
      </Field>
      <Field label={t('devices.display')}>
        <input name="display" autocomplete="off" />
      </Field>
      {gateways.length > 0 && (
        <Field label={t('devices.gateway')} hint={t('devices.gateway_hint')}>
          <select
            name="gateway"
            value={gateway.value}
            onChange={(event) => (gateway.value = event.currentTarget.value)}
          >
            <option value="">{t('devices.gateway_none')}</option>
            {gateways.map((device) => (
              <option key={device.id} value={device.id}>
                {device.display}
              </option>
            ))}
          </select>
        </Field>
      )}
      <Field label={t('devices.credential')}>
        <select name="credential" disabled={gateway.value !== ''}>
          <option value="token">{t('devices.credential.token')}</option>
          <option value="enrolment">{t('devices.credential.enrolment')}</option>
          <option value="certificate">{t('devices.credential.certificate')}</option>
        </select>
      </Field>
      <button class="primary">{t('devices.submit')}</button>
      <Outcome text={outcome.value} />
    </form>
  );
}

export function DevicesPage() {
  const devices = useSignal<Device[] | null>(null);
  const patients = useSignal<Patient[]>([]);
  const failed = useSignal<ApiErrorBody | null>(null);
  const outcome = useSignal<string | null>(null);
  const attaching = useSignal<Device | null>(null);
  const detaching = useSignal<Device | null>(null);
  const certified = useSignal<Device | null>(null);
  const fresh = useSignal<{ device: Device; secret: Secret } | null>(null);

  const load = async () => {
    const [all, people] = await Promise.all([readDevices(), readPatients()]);
    failed.value = all.ok ? null : all.error;
    if (all.ok) devices.value = all.body.devices;
    if (people.ok) patients.value = people.body.patients;
  };
  useEffect(() => {
    void load();
    const timer = setInterval(() => void load(), refreshMs);
    return () => clearInterval(timer);
    // eslint-disable-next-line react-hooks/exhaustive-deps -- once, when the page opens
  }, []);

  const nameOf = (id: string) => {
    const patient = patients.value.find((one) => one.id === id);
    if (!patient) return id;
    return patient.bed === null ? patient.display_name : `${patient.bed} · ${patient.display_name}`;
  };
  const attach = async (device: Device, patient: string) => {
    const answer = await attachDevice(device.id, patient);
    if (!answer.ok) return errorText(answer.error);
    const { refiled } = answer.body;
    outcome.value = [
      t('devices.attached', { device: device.display, patient: nameOf(patient) }),
      refiled > 0 ? t('devices.refiled', { n: refiled }) : '',
    ].join(' ');
    attaching.value = null;
    void load();
    return null;
  };
  const detach = async (device: Device) => {
    detaching.value = null;
    const answer = await detachDevice(device.id);
    outcome.value = answer.ok
      ? t('devices.detached', { device: device.display })
      : errorText(answer.error);
    void load();
  };
  const tellTime = async (device: Device) => {
    const answer = await setClock(device.id);
    outcome.value = answer.ok
      ? t('devices.clock_told', { device: device.display })
      : errorText(answer.error);
    void load();
  };
  const all = devices.value ?? [];
  return (
    <div class={`page${may('devices', 'a') ? '' : ' page--alone'}`}>
      <header class="page__head">
        <h1>{t('devices.title')}</h1>
        <p class="quiet">{t('devices.count', { n: all.length })}</p>
        {may('devices', 'a') && (
          <a class="button page__jump" href="#register">
            {t('devices.register')}
          </a>
        )}
      </header>
      <div class="page__main">
        <Outcome text={outcome.value} />
        {failed.value && <p class="notice">{errorText(failed.value)}</p>}
        {may('devices', 'a') && <UrgentCertificates devices={all} />}
        {all.length > 0 ? (
          <Table
            caption={t('devices.title')}
            columns={columns(nameOf, {
              attach: (device) => (attaching.value = device),
              detach: (device) => (detaching.value = device),
              tellTime: (device) => void tellTime(device),
              showCertificates: (device) => (certified.value = device),
            })}
            rows={may('devices', 'a') ? mostUrgentFirst(all) : all}
            keyOf={(device) => device.id}
          />
        ) : (
          <p class="empty">
            {devices.value ? t('devices.empty') : t('app.loading', { what: t('devices.title') })}
          </p>
        )}
      </div>
      {may('devices', 'a') && (
        <div class="page__side">
          <RegisterForm
            gateways={all.filter((device) => device.gateway === null)}
            onRegistered={(device, secret) => {
              if (secret) fresh.value = { device, secret };
              void load();
            }}
          />
        </div>
      )}
      {attaching.value && (
        <AttachDialog
          device={attaching.value}
          patients={patients.value}
          onAttach={attach}
          onClose={() => (attaching.value = null)}
        />
      )}
      {detaching.value && (
        <DetachDialog
          device={detaching.value}
          patient={nameOf(detaching.value.patient ?? '')}
          onDetach={() => detaching.value && void detach(detaching.value)}
          onClose={() => (detaching.value = null)}
        />
      )}
      {certified.value && (
        <CertificatesDialog
          device={certified.value}
          onSecret={(secret) => {
            if (certified.value) fresh.value = { device: certified.value, secret };
            certified.value = null;
            void load();
          }}
          onChanged={() => void load()}
          onClose={() => (certified.value = null)}
        />
      )}
      {fresh.value && <SecretDialog {...fresh.value} onClose={() => (fresh.value = null)} />}
    </div>
  );
}
