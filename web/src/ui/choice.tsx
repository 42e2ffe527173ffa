// One of a few values, with its name beside it.
import './choice.css';

export function Choice<T extends string | number>({
  name,
  values,
  chosen,
  write,
  onChosen,
}: {
  name: string;
  values: readonly T[];
  chosen: T;
  write: (value: T) => string;
  onChosen: (value: T) => void;
}) {
  return (
    <label class="choice">
      <span>{name}</span>
      <select
        onChange={(event) => {
          const value = values[event.currentTarget.selectedIndex];
          if (value !== undefined) onChosen(value);
        }}
      >
        {values.map((value) => (
          <option key={value} value={value} selected={value === chosen}>
            {write(value)}
          </option>
        ))}
      </select>
    </label>
  );
}
