/** Below this number of readers nothing is tested of readers like these: the spread between readers is hardly known. */
export const fewestReadersForTest = 5;
