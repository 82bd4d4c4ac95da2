import type postgres from "postgres";

/** What a database is, one line a thing: columns, constraints, indexes, enums, policies, grants, triggers, functions and views. Equal databases have equal lines. */
export async function catalogOf(db: postgres.Sql): Promise<Record<string, string[]>> {
  const lines = async (query: string) =>
    (await db.unsafe(query)).map(({ line }) => String(line).replaceAll(/\s+/g, " "));
  return {
    columns: await lines(`
      select format('%s.%s %s%s%s%s', c.relname, a.attname, format_type(a.atttypid, a.atttypmod), case when a.attnotnull then ' not null' else '' end,
                    case a.attidentity when 'a' then ' identity' else '' end, ' default ' || pg_get_expr(d.adbin, d.adrelid)) as line
        from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
        left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
       where c.relnamespace in ('public'::regnamespace, 'nw_private'::regnamespace) and c.relkind = 'r' order by 1`),
    constraints: await lines(`
      select format('%s %s: %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) as line
        from pg_constraint where connamespace in ('public'::regnamespace, 'nw_private'::regnamespace) and contype <> 'n' order by 1`),
    indexes: await lines(
      `select indexdef as line from pg_indexes where schemaname in ('public', 'nw_private') order by 1`,
    ),
    enums: await lines(`
      select format('%s: %s', t.typname, string_agg(e.enumlabel, ' ' order by e.enumsortorder)) as line
        from pg_type t join pg_enum e on e.enumtypid = t.oid group by t.typname order by 1`),
    security: await lines(`
      select format('%s%s%s', relname, case when relrowsecurity then ' enabled' else '' end, case when relforcerowsecurity then ' forced' else '' end) as line
        from pg_class where relnamespace in ('public'::regnamespace, 'nw_private'::regnamespace) and relkind = 'r' order by 1`),
    policies: await lines(`
      select format('%s %s to %s using %s check %s', tablename, cmd, array_to_string(array(select unnest(roles)::text order by 1), ' '), qual, with_check) as line
        from pg_policies where schemaname in ('public', 'nw_private') order by 1`),
    grants: await lines(`
      select format('%s.%s %s: %s', table_schema, table_name, grantee, string_agg(privilege_type, ' ' order by privilege_type)) as line
        from information_schema.role_table_grants where table_schema in ('public', 'nw', 'nw_private') and grantee like 'nw\\_%'
       group by table_schema, table_name, grantee order by 1`),
    columnGrants: await lines(`
      select format('%s %s %s: %s', p.table_name, p.grantee, p.privilege_type, string_agg(p.column_name, ' ' order by p.column_name)) as line
        from information_schema.column_privileges p
       where p.table_schema = 'public' and p.grantee like 'nw\\_%' and p.privilege_type in ('SELECT', 'INSERT', 'UPDATE') and p.grantee <> 'nw_kernel'
       group by p.table_name, p.grantee, p.privilege_type order by 1`),
    triggers: await lines(`
      select pg_get_triggerdef(oid) as line from pg_trigger where not tgisinternal order by 1`),
    functions: await lines(`
      select format('%s owned by %s, executed by %s: %s', p.oid::regprocedure, p.proowner::regrole,
                    (select string_agg(r.rolname, ' ' order by r.rolname) from pg_roles r where r.rolname like 'nw\\_%' and r.rolname <> 'nw_kernel' and has_function_privilege(r.oid, p.oid, 'execute')),
                    pg_get_functiondef(p.oid)) as line
        from pg_proc p where p.pronamespace = 'nw'::regnamespace order by 1`),
    // Without the text: a database that was upgraded may hold the columns of a table in another order than a new one.
    views: await lines(`
      select format('%s (%s): %s', c.relname, array_to_string(c.reloptions, ' '), string_agg(a.attname || ' ' || format_type(a.atttypid, a.atttypmod), ', ' order by a.attname)) as line
        from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0
       where c.relnamespace = 'nw'::regnamespace and c.relkind = 'v' group by c.relname, c.reloptions order by 1`),
  };
}
