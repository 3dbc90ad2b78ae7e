import { ask } from "../../session/ask.ts";
import { PageLink } from "../../session/page-link.tsx";
import { useLoaded } from "../../session/use-loaded.ts";
import { Section } from "../parts/section.tsx";
import { Shown } from "../parts/states.tsx";
import { DepartmentForm } from "./department-form.tsx";
import { TryPolicy } from "./try-policy.tsx";

/** One department: its members, how it shares out conversations, and what another policy would have made of its past. */
export const DepartmentPage = ({ id }: { id: string }) => {
  const loaded = useLoaded((signal) => ask("department/get", { params: { departmentId: id } }, signal));
  const department = loaded.data?.department;
  return (
    <>
      <PageLink to="settings/departments">All departments</PageLink>
      <Section title={department?.name ?? "Department"}>
        <Shown of={loaded} data={department}>
          {(known) => (
            <>
              <DepartmentForm
                key={JSON.stringify(known)}
                department={known}
                onSaved={(changed) => loaded.put(() => ({ department: changed }))}
                onRefused={loaded.reload}
              />
              <TryPolicy department={known} />
            </>
          )}
        </Shown>
      </Section>
    </>
  );
};
