/** Version of the methods of comparisons and of what runs are worth. Raise it with every change by which a number, or the form of a result, comes out differently: stored results are then computed anew. */
export const methodsVersion = "7";
