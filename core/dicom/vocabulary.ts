/*
 * The allow-list of the Clean Descriptors Option (PS3.15 section E.3.5): words in which scanners and radiographers name what was imaged and how. What is not
 * here is not kept, so a missing word costs a description, and a name has nowhere to hide.
 */

const words = `
ax axial tra trans transversal transverse transaxial sag sagittal cor coronal obl oblique para paraaxial paracoronal parasagittal plane planes mpr
localizer localiser loc scout survey scanogram topogram 3plane cal calibration ref reference
t1 t2 t1w t2w t2star t1rho pd pdw se tse fse ffe tfe gre flash fisp trufisp ssfp fiesta bffe haste ssfse ssh space cube vista vibe lava thrive mprage mp2rage
spgr fspgr bravo ir tir tirm stir flair epi ep dwi diff diffusion dti adc trace trac tracew exp fa ivim swi swan venbold bold asl tof pc mra mrv mrcp mrs csi svs
dixon ideal mdixon water fat inphase outphase opp inopp wfs fs fatsat spair spir sat nofs nonfs dark fluid blade propeller multivane radial star stars
grappa sense caipi caipirinha arc asset cs compressed smart deep resolve rescue zoomit focus muse
dyn dynamic dce perf perfusion pre post contrast enhanced delayed delay art arterial venous portal ven late early phase phases nativ native plain gd
gad gadolinium magnevist gadovist dotarem primovist eovist iv oral
bh breathhold breath hold rt resp trig triggered nav navigator gated free motion corrected
hr hires high low resolution res thin thick slice slices slab stack iso isotropic 2d 3d 4d large small fov rfov full field of view short long axis sms mb
norm nd dis dis2d dis3d mip minip thickmip min max mean sum sub subtraction subtracted reformat reformatted recon reconstruction average averaged
pelvis pelvic rectum rectal mesorectum anal anus canal colon sigmoid bowel bladder prostate uterus cervix ovary vagina kidney liver spleen pancreas
abdomen abdominal abd abdopelvis upper lower thorax chest breast mamma heart cardiac lung neck thyroid larynx pharynx head brain skull orbit orbits pituitary
spine cervical thoracic lumbar sacrum hip hips femur knee ankle foot shoulder elbow wrist hand leg arm extremity whole body total wholebody
lymph node nodes lymphnode lymphnodes lesion tumor tumour mass cancer carcinoma staging restaging left right bilateral lt lat ap pa and with without w wo the at to in for from
mr mri mrt ct pet us cr dx study exam examination protocol routine standard series image images sequence scan test phantom quality qa baseline follow followup
mm ms cm sec msec hz khz mhz deg degree tesla te tr ti flip angle matrix nex nsa etl bw
map maps color colour magnitude phase real imaginary original primary secondary derived
cover coverage gap biopsy guide guided interventional intraop intraoperative postop preop read test inner outer
magnetic resonance computed tomography imaging
轴位 横断位 横轴位 横断面 横断 矢状位 矢状面 矢状 冠状位 冠状面 冠状 斜轴位 斜冠状位 斜位 定位像 定位 平扫 增强 动态 动态增强 延迟期 延迟 动脉期 静脉期 门脉期 期
压脂 脂肪抑制 抑脂 不压脂 弥散 扩散 加权 成像 序列 高分辨率 高分辨 薄层 厚层 大视野 小视野 直肠 直肠癌 盆腔 系膜 直肠系膜 肛管 腹部 上腹部 下腹部 胸部 头颅 颈部 乳腺 前列腺 肝脏
脊柱 腰椎 颈椎 胸椎 膝关节 淋巴结 肿瘤 磁共振 核磁 检查 扫描 常规 左侧 右侧 双侧 左 右
`;

const allowed = new Set(words.trim().split(/\s+/));
const longestWord = Math.max(...[...allowed].map((word) => word.length));

/** A measure with its unit: "3.5mm", "90deg". */
const measure = /^\d{1,4}(?:[.,]\d{1,3})?(?:mm|cm|ms|s|sec|min|hz|khz|mhz|t|deg|ml|%)$/;
/** A b-value, "b1000", or an acceleration, "p2". */
const factor = /^(?:b\d{1,4}|[pgs]\d)$/;
/** A number that could be part of no identifier worth the name. */
const bareNumber = /^\d{1,3}(?:[.,]\d{1,2})?$/;

/** Whether a word is one of the list, several of them joined ("AxT2FSE"), or such with a short number behind ("tra3"). */
function isKnown(word: string): boolean {
  if (measure.test(word) || factor.test(word)) return true;
  if (!/\p{L}/u.test(word)) return false;
  const reached = [true];
  for (let end = 1; end <= word.length; end++)
    for (let start = Math.max(0, end - longestWord); start < end && !reached[end]; start++) {
      if (!reached[start]) continue;
      const piece = word.slice(start, end);
      reached[end] =
        allowed.has(piece) ||
        (/^\d{1,3}$/.test(piece) && !/^\d/.test(word.slice(end)) && !/\d$/.test(word.slice(0, start)));
    }
  return reached[word.length] === true;
}

const pieces = /[\p{L}\p{M}\p{N}]+(?:[.,]\d+\p{L}*)?/gu;

/**
 * What of a description is on the allow-list: the whole text, as it is written, where all of it is; else the words that are, with blanks between them, and no
 * number that stood alone. Empty where nothing is.
 */
export function cleaned(text: string): string {
  const found = [...text.matchAll(pieces)].map(([piece]) => piece);
  const known = found.filter((piece) => isKnown(piece.toLowerCase()));
  if (found.every((piece) => bareNumber.test(piece) || known.includes(piece))) return known.length > 0 ? text : "";
  return known.join(" ");
}
