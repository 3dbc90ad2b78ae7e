import { Select } from "@mantine/core";
import { IconFilter } from "@tabler/icons-react";
import { useClientState } from "../session/client-context.tsx";
import { useUi } from "../shell/ui-store.ts";

/** Narrows the queue to one department, for those who see several. */
export const DepartmentFilter = () => {
  const departments = useClientState((state) => state.session.departments);
  const departmentId = useUi((ui) => ui.departmentId);
  return (
    <Select
      aria-label="Department"
      placeholder="Department"
      size="xs"
      w={142}
      clearable
      leftSection={<IconFilter size={14} />}
      data={departments.map(({ id, name }) => ({ value: id, label: name }))}
      value={departmentId}
      onChange={(next) => useUi.setState({ departmentId: next, cursorId: null })}
    />
  );
};
