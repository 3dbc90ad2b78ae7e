import { TextInput, type TextInputProps } from "@mantine/core";

type Props = Omit<TextInputProps, "value" | "onChange"> & { value: string; onChange: (name: string) => void };

/** What something is called: it must be, in up to a hundred characters. */
export const NameField = ({ label = "Name", onChange, ...field }: Props) => (
  <TextInput
    label={label}
    required
    withAsterisk={false}
    maxLength={100}
    onChange={(event) => onChange(event.currentTarget.value)}
    {...field}
  />
);
