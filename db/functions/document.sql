-- Documents that pages read again are of their schema, whoever writes them.

-- Whether a document is of a JSON Schema, as far as zod writes those of db/schema (`documents` of `kept`): a keyword that is absent asks nothing. Lengths are those of
-- trimmed texts.
CREATE OR REPLACE FUNCTION nw.fits(document jsonb, schema jsonb) RETURNS boolean LANGUAGE plpgsql IMMUTABLE SET search_path = public, pg_temp AS $$
DECLARE
  kind text := jsonb_typeof(document);
  number numeric := CASE kind WHEN 'number' THEN document::numeric END;
  said text := CASE kind WHEN 'string' THEN regexp_replace(document #>> '{}', '^\s+|\s+$', '', 'g') END;
  beyond jsonb := schema -> 'additionalProperties';
BEGIN
  IF schema ?| '{oneOf,anyOf}' THEN
    RETURN EXISTS (SELECT FROM jsonb_array_elements(coalesce(schema -> 'oneOf', schema -> 'anyOf')) s WHERE nw.fits(document, s));
  END IF;
  RETURN ((schema -> 'type' @> to_jsonb(kind) OR coalesce(schema -> 'type' @> '"integer"' AND number = trunc(number), NOT schema ? 'type'))
    AND document = schema -> 'const' AND schema -> 'enum' @> document
    AND number >= (schema ->> 'minimum')::numeric AND number <= (schema ->> 'maximum')::numeric
    AND number > (schema ->> 'exclusiveMinimum')::numeric AND number < (schema ->> 'exclusiveMaximum')::numeric
    AND length(said) >= (schema ->> 'minLength')::int AND length(said) <= (schema ->> 'maxLength')::int AND said ~ (schema ->> 'pattern')
    AND document ?& ARRAY(SELECT jsonb_array_elements_text(schema -> 'required'))
    AND NOT EXISTS (SELECT FROM jsonb_array_elements(CASE kind WHEN 'array' THEN document ELSE '[]' END) i WHERE NOT nw.fits(i, schema -> 'items'))
    AND NOT EXISTS (SELECT FROM jsonb_each(CASE kind WHEN 'object' THEN document ELSE '{}' END) p (key, value) WHERE NOT CASE
      WHEN schema -> 'properties' ? key THEN nw.fits(value, schema -> 'properties' -> key)
      WHEN jsonb_typeof(beyond) = 'object' THEN nw.fits(value, beyond)
      ELSE beyond IS DISTINCT FROM 'false' END)) IS NOT FALSE;
END $$;

-- Refuses a row whose column is none (its arguments: the column and the schema). After the row's policy; what is written past the roles says what it likes.
CREATE OR REPLACE FUNCTION nw.refuse_unreadable() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF nw.is_installation() OR nw.fits(to_jsonb(new) -> tg_argv[0], tg_argv[1]::jsonb) THEN RETURN NULL; END IF;
  RAISE EXCEPTION 'What a row of % says as % is nothing that pages can read. Nothing was saved.', tg_table_name, tg_argv[0]
    USING ERRCODE = 'NW004', CONSTRAINT = 'document_is_unreadable', DETAIL = jsonb_build_object('table', tg_table_name, 'column', tg_argv[0])::text;
END $$;
