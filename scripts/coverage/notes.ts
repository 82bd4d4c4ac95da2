/**
 * What is to be said under each table, written after the run with the default options; `{method | setting}` stands
 * for the share of that method in the first setting that begins so, so that the numbers are those of the run at hand.
 */
export const notes = new Map([
  [
    "Area under the curve",
    `DeLong's interval takes every image for a patient of its own and covers {DeLong | 129 patients, strong
    clustering, AUC 0.85} %. Clustered by patient, on the logit scale and with t on the clusters of the smaller class - 1, ours covers
    {Obuchowski by patient | 129 patients, strong clustering, AUC 0.85} % with 129 patients at an area of 0.85,
    {Obuchowski by patient | 129 patients, strong clustering, AUC 0.95} % at 0.95 and {Obuchowski by patient | 129
    patients, strong clustering, AUC 0.99} % at 0.99; with 60, 30, 20 and 10 patients at 0.85 {Obuchowski by patient |
    60 patients, strong clustering, AUC 0.85}, {Obuchowski by patient | 30 patients, strong clustering, AUC 0.85},
    {Obuchowski by patient | 20 patients, strong clustering, AUC 0.85} and {Obuchowski by patient | 10 patients, strong
    clustering, AUC 0.85} %; with 30 at 0.99 {Obuchowski by patient | 30 patients, strong clustering, AUC 0.99} %. The
    symmetric AUC ± 1.96 SE, which earlier versions showed, has {Obuchowski by patient, AUC ± 1.96 SE | 129 patients,
    strong clustering, AUC 0.99} % at 0.99 with 129 patients, and {Obuchowski by patient, AUC ± 1.96 SE | 30 patients,
    strong clustering, AUC 0.99} % with 30. The BCa bootstrap does nearly as well as ours. Clustering by node does
    about as well as by patient only because the truths of a patient's nodes are independent in this model: what a
    patient adds to all his images favours neither class.`,
  ],
  [
    "Difference of two areas",
    `With t on the clusters of the smaller class - 1 the paired clustered interval covers {Obuchowski, paired, by patient | 129 patients, strong
    clustering, AUC 0.85} % with 129 patients at areas of 0.85 and 0.8, {Obuchowski, paired, by patient | 20 patients,
    strong clustering, AUC 0.85} % with 20 and {Obuchowski, paired, by patient | 10 patients, strong clustering, AUC
    0.85} % with 10; the normal quantile would have {Obuchowski, paired, normal | 10 patients, strong clustering, AUC
    0.85} % there. At 0.99 and 0.97 it is too narrow: {Obuchowski, paired, by patient | 129 patients, strong
    clustering, AUC 0.99} % with 129 patients, {Obuchowski, paired, by patient | 30 patients, strong clustering, AUC
    0.99} % with 30. The percentile bootstrap is not clearly better, and BCa with 500 replicates is worse than the
    percentiles: for a difference it is no remedy.`,
  ],
  [
    "Sensitivity",
    `Wilson's interval on images covers {Wilson | 129 patients, strong clustering, AUC 0.85} %, as if there were twice
    the data. The clustered one holds with 60 patients and more, and is mostly too narrow with fewer ({ratio
    estimator, Wilson with effective n | 30 patients, strong clustering, AUC 0.85} % with 30, {ratio estimator, Wilson
    with effective n | 20 patients, strong clustering, AUC 0.85} % with 20). At a sensitivity of 0.976 it covers
    {ratio estimator, Wilson with effective n | 129 patients, strong clustering, AUC 0.99} % with 129 patients. Only
    three in five patients have a positive image: it is these who count.`,
  ],
  [
    "Specificity",
    `As the sensitivity: {ratio estimator, Wilson with effective n | 10 patients, strong clustering, AUC 0.85} % with
    10 patients.`,
  ],
  [
    "Positive predictive value",
    `Wilson's interval fails even where scores do not cluster: all images of a node have the same truth, which for a
    predictive value is the outcome. The ratio estimator holds with 60 patients and more.`,
  ],
  [
    "Balanced accuracy",
    `The interval of an area, of binary calls: {Obuchowski on the calls | 30 patients, strong clustering, AUC 0.85} %
    with 30 patients, {Obuchowski on the calls | 10 patients, strong clustering, AUC 0.85} % with 10.`,
  ],
  [
    "Difference of two sensitivities",
    `Newcombe's interval on images covers {Newcombe, paired | 129 patients, strong clustering, AUC 0.85} %. Ours, with t
    on clusters - 1, covers {ratio estimator | 60 patients, strong clustering, AUC 0.85} % with 60 patients, {ratio
    estimator | 30 patients, strong clustering, AUC 0.85} % with 30 and {ratio estimator | 10 patients, strong
    clustering, AUC 0.85} % with 10, where the normal quantile would have {ratio estimator, normal | 10 patients,
    strong clustering, AUC 0.85} %. With sensitivities near 1 few patients have a discordant image: {ratio estimator |
    129 patients, strong clustering, AUC 0.99} % with 129 patients, {ratio estimator | 30 patients, strong clustering,
    AUC 0.99} % with 30.`,
  ],
  [
    "Kappa",
    `The jackknife holds down to 30 patients, except with 30 at 0.99 ({cluster jackknife | 30 patients, strong
    clustering, AUC 0.99} %); with 10 it covers {cluster jackknife | 10 patients, strong clustering, AUC 0.85} %, and
    kappa is biased downwards there. The usual interval covers {Fleiss-Cohen-Everitt | 129 patients, strong
    clustering, AUC 0.85} %: clustering hurts kappa less than it hurts an area.`,
  ],
  [
    "Tests of two sensitivities",
    `McNemar's test on images rejects a true hypothesis in {McNemar, asymptotic | 129 patients, strong clustering, AUC
    0.85} %. Ours, with t on clusters - 1, of which the interval is the inversion, in {ratio estimator, t | 129 patients, strong
    clustering, AUC 0.85} %, with 30 patients in {ratio estimator, t | 30 patients, strong clustering, AUC 0.85} %, with 10 in
    {ratio estimator, t | 10 patients, strong clustering, AUC 0.85} %. Yang's is right down to 20 patients and cautious with 10 ({Yang | 10 patients,
    strong clustering, AUC 0.85} %); Obuchowski's and Durkalski's become cautious below 30. None of the clustered
    tests rejects too often. Eliasziw and Donner's often has no result with few patients (counted as not rejecting).`,
  ],
  [
    "Tests of two areas",
    `The paired test is right where the interval of each area is not: under the null the difference is symmetric. It
    is a little cautious at 0.99. DeLong's on images rejects in {DeLong, paired | 129 patients, strong clustering, AUC
    0.85} %.`,
  ],
  [
    "Roe-Metz: difference of two tests",
    `Averages on all reads are what the comparison shows. That of these readers holds with every read, with a tenth of them missing and with half of the
    cases for every other reader ({on all reads, fixed readers, a tenth missing | HH, AUC 0.855, 5 readers, 50} and
    {on all reads, fixed readers, split plot | HH, AUC 0.855, 5 readers, 50} % with 5 readers in HH). That of readers like these is never narrower, and so
    a little cautious ({on all reads, random readers, all reads | LL, AUC 0.855, 5} % in LL); below five readers there is no test. With Hillis's degrees of
    freedom the random-reader interval is about right. It is too wide at 0.962
    ({Obuchowski-Rockette, random readers and cases | HH, AUC 0.962} % in HH), and a little low with 3 readers who
    hardly vary ({Obuchowski-Rockette, random readers and cases | LL, AUC 0.855, 3 readers, 100} % in LL with 100 +
    100 cases). The fixed-reader interval covers the difference of the very readers; read as a statement on all
    readers it covers as little as {fixed readers, read as of all readers | HH, AUC 0.855, 3 readers, 100} % (HH, 3
    readers). The unbiased U-statistics agree with Obuchowski-Rockette; in a few studies their variance is negative
    and there is no interval. The MLE variance is biased upwards and its interval too wide nearly everywhere:
    cautious, not exact. Pooling ratings as independent covers as little as {all ratings pooled, paired DeLong | HH,
    AUC 0.855, 10 readers, 100} %, the less the more readers there are.`,
  ],
  [
    "Roe-Metz: area of one test",
    `The area of one test is harder than a difference: symmetric limits are too narrow near 1 ({Obuchowski-Rockette,
    random readers and cases | HH, AUC 0.962} % in HH, {Obuchowski-Rockette, random readers and cases | HL, AUC 0.962,
    3} % with 3 readers and 25 + 25 cases) and with few readers who vary much ({Obuchowski-Rockette, random readers
    and cases | HH, AUC 0.855, 3 readers, 50} % with 3 in HH at 0.855). The unbiased U-statistics share this. It is
    right at 0.702.`,
  ],
  [
    "Roe-Metz: readers less network",
    `The fixed-reader interval holds. The random-reader one is a little low when readers vary much and are few
    ({Hillis, random readers | HH, AUC 0.855, 3 readers, 100} % with 3) or near 1 ({Hillis, random readers | HH, AUC
    0.962} %). The network is the same throughout: its training is not part of any interval.`,
  ],
  [
    "Readers on clustered images: conditions, areas",
    `With 129 patients the fixed-reader interval by patient, the product's main result, is right; taking images as
    independent gives {Obuchowski-Rockette, fixed readers, images independent | 129 patients, 2} %. With two readers
    the random-reader interval covers {Obuchowski-Rockette, random readers, by patient | 129 patients, 2} % although
    it is several times as wide: its degrees of freedom come from two readers. The caution that stands beside it is
    deserved.`,
  ],
  [
    "Readers on clustered images: less network, areas",
    `The same: fixed readers right, random readers {Hillis, random readers, by patient | 129 patients, 2} % with two
    of them and {Hillis, random readers, by patient | 129 patients, 5} % with five.`,
  ],
  [
    "Readers on clustered images: conditions, sensitivities",
    `With 30 patients, of whom 18 have a positive image, the fixed-reader interval covers {Obuchowski-Rockette, fixed
    readers, by patient | 30 patients, 2} % with two readers and {Obuchowski-Rockette, fixed readers, by patient | 30
    patients, 5} % with five.`,
  ],
  [
    "Readers on clustered images: less network, sensitivities",
    `Fixed readers right or nearly so; random readers with two of them {Hillis, random readers, by patient | 129
    patients, 2} %.`,
  ],
  [
    "Weighted kappa, linear",
    `The jackknife over patients holds with 40 patients and more; with 20 it covers {jackknife over patients | 20 patients} %, and the
    product says so. As if images were independent: {jackknife over images | 129 patients, strong} %.`,
  ],
  [
    "Weighted kappa, quadratic",
    `As with linear weights: {jackknife over patients | 20 patients} % with 20 patients, where the product puts its caution.`,
  ],
  [
    "Fleiss' kappa",
    `Of four readers: {jackknife over patients | 40 patients} % with 40 patients, a little low, {jackknife over patients | 400 patients} %
    with 400 of whom few have a positive node.`,
  ],
  [
    "Gwet's AC1",
    `Holds in every setting, with 20 patients, too; as if images were independent it covers {jackknife over images | 129 patients, strong} %.`,
  ],
]);
