export const foundingPaper = "Li J, Zhou Y, Wang P, et al. Quant Imaging Med Surg 2021;11(6):2477-2485";

/**
 * The diagnostic accuracy that the founding paper prints: of two readers without (C1) and with the size (C2), and of the network on its validation images
 * (20 % of 644). Kappa is that between the readers.
 */
export const foundingTable = `Reader,Condition,Positive,Negative,Images,Sensitivity (%),Specificity (%),PPV (%),NPV (%),Accuracy (%),AUC,AUC of a score,Kappa (95% CI)
R2,C1,319,325,,54.7,70.9,64.7,61.6,62.7,0.626,,.359 (.228-.430)
R3,C1,319,325,,69.8,64.1,65.5,68.5,67.1,0.671,,
R2,C2,319,325,,68.2,60.4,62.7,66.1,64.3,0.643,,.465 (.396-.534)
R3,C2,319,325,,72.3,61.3,64.6,69.4,66.9,0.670,,
Network,validation,,,129,95.3,95.2,95.2,95.3,95.7,,0.994,
`;
