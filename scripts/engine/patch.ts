import { readFile, writeFile } from "node:fs/promises";

/*
 * The binding of tfjs-node hands operations single strings and types only. TensorFlow's fused convolution (`_FusedConv2D`, convolution, bias
 * and ReLU in one pass) takes a list of each: these two cases are put in front of the ones that are there.
 */

/** C++ that reads `value`, an array of JavaScript, element by element, and then hands it over. */
const listOf = (declare: string, element: string, handOver: string) => `
      if (IsArray(env, nstatus, &js_value)) {
        uint32_t count;
        nstatus = napi_get_array_length(env, js_value, &count);
        ENSURE_NAPI_OK(env, nstatus);
        ${declare}
        for (uint32_t i = 0; i < count; ++i) {
          napi_value element;
          nstatus = napi_get_element(env, js_value, i, &element);
          ENSURE_NAPI_OK(env, nstatus);
          ${element}
        }
        ${handOver}
        break;
      }`;

const additions: [string, string][] = [
  [
    "    case TF_ATTR_STRING: {",
    listOf(
      "std::vector<std::string> strings(count); std::vector<const void *> starts(count); std::vector<size_t> lengths(count);",
      `nstatus = GetStringParam(env, element, strings[i]);
          ENSURE_NAPI_OK(env, nstatus);
          starts[i] = strings[i].data();
          lengths[i] = strings[i].size();`,
      "TFE_OpSetAttrStringList(tfe_op, attr_name, starts.data(), lengths.data(), static_cast<int>(count));",
    ),
  ],
  [
    "    case TF_ATTR_TYPE: {",
    listOf(
      "std::vector<TF_DataType> types(count);",
      `int32_t type;
          nstatus = napi_get_value_int32(env, element, &type);
          ENSURE_NAPI_OK(env, nstatus);
          types[i] = static_cast<TF_DataType>(type);`,
      "TFE_OpSetAttrTypeList(tfe_op, attr_name, types.data(), static_cast<int>(count));",
    ),
  ],
];

/** Adds lists of strings and of types to what the binding can hand over. @throws Error when its source is another than the one pinned */
export async function patchBinding(file: string): Promise<void> {
  let source = await readFile(file, "utf8");
  for (const [place, addition] of additions) {
    if (source.split(place).length !== 2) throw new Error(`the binding's source has no single place "${place.trim()}"`);
    source = source.replace(place, () => place + addition);
  }
  await writeFile(file, source);
}
