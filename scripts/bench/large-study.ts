import postgres from "postgres";

export const readers = 20;
export const images = 5_000;
const conditions = ["cohort-1", "cohort-2"] as const;

/**
 * Fills a study of the demonstration's protocol as the largest comparison has it, past every door, and locks it: 20 readers, two conditions and
 * 5,000 images, three a node and three nodes a patient.
 * @param ownerUrl of the login nodewise_owner
 */
export async function fillLargeStudy({ ownerUrl, slug }: { ownerUrl: string; slug: string }): Promise<void> {
  const owner = postgres(ownerUrl, { max: 1, onnotice: () => {} });
  try {
    await owner.begin(async (run) => {
      await run`set local role nw_kernel`;
      await run`select setseed(0.2021)`;
      const [study] = await run`select id, created_by, protocol_version_id from study where slug = ${slug}`;
      if (!study) throw new Error(`There is no study ${slug}.`);
      const { id: of, created_by: by, protocol_version_id: version } = study;
      await run`
        insert into subject (study_id, number, status, created_by)
        select ${of}, lpad(i::text, 5, '0'), 'enrolled', ${by} from generate_series(1, ${Math.ceil(images / 9)}::int) i`;
      await run`
        insert into node (study_id, subject_id, ordinal, label, created_by)
        select ${of}, s.id, i, 'N' || i, ${by} from subject s, generate_series(1, 3) i where s.study_id = ${of}`;
      await run`
        insert into stored_object (study_id, sha256, media_type)
        select ${of}, encode(sha256(convert_to(n.id || p, 'UTF8')), 'hex'), 'image/png' from node n, unnest('{axial,coronal,sagittal}'::text[]) p where n.study_id = ${of}`;
      await run`
        insert into crop (study_id, node_id, plane, sha256, pixel_sha256, width, height, created_by)
        select ${of}, n.id, p, encode(sha256(convert_to(n.id || p, 'UTF8')), 'hex'), md5(p || n.id), 60, 60, ${by}
          from node n, unnest('{axial,coronal,sagittal}'::text[]) p where n.study_id = ${of} limit ${images}`;
      await run`insert into reading_case (id, study_id, node_id) select id, study_id, node_id from crop where study_id = ${of}`;
      await run`insert into case_crop (case_id, study_id, ordinal, crop_id) select id, study_id, 1, id from crop where study_id = ${of}`;
      await run`
        insert into pathology_report (study_id, node_id, result, reported_by)
        select ${of}, id, (case when random() < 0.4 then 'positive' else 'negative' end)::pathology_result, ${by} from node where study_id = ${of}`;
      // As autovacuum does within a minute of such an import.
      await run`reset role`;
      await run`analyze subject, node, crop, reading_case, case_crop, pathology_report`;
      await run`set local role nw_kernel`;
      for (const condition of conditions)
        await run`
          insert into read (study_id, case_id, reader_code, condition_key, criteria, call, confidence, protocol_version_id, source, idempotency_key)
          select ${of}, c.id, 'R' || r, ${condition}, '{}', (case when (t.result = 'positive') = (random() < 0.75) then 'positive' else 'negative' end)::call,
                 floor(random() * 101), ${version}, 'simulated', gen_random_uuid()
            from crop c join pathology_report t on t.node_id = c.node_id, generate_series(1, ${readers}::int) r where c.study_id = ${of}`;
      await run`update study set state = 'locked' where id = ${of}`;
    });
  } finally {
    await owner.end();
  }
}

/** Scores of every image of a study in the form that is imported, better than chance. */
export async function scoresOf({ ownerUrl, slug }: { ownerUrl: string; slug: string }): Promise<string> {
  const owner = postgres(ownerUrl, { max: 1, onnotice: () => {} });
  try {
    const rows = await owner.begin(async (run) => {
      await run`set local role nw_kernel`;
      return run`
        select s.number || ',' || n.label || ',' || c.plane || ',' || round((0.3 * (t.result = 'positive')::int + 0.7 * random())::numeric, 6) as line
          from crop c join node n on n.id = c.node_id join subject s on s.id = n.subject_id join pathology_report t on t.node_id = n.id
          join study on study.id = c.study_id where study.slug = ${slug}`;
    });
    return ["subject,node,plane,score", ...rows.map(({ line }) => line)].join("\n");
  } finally {
    await owner.end();
  }
}
