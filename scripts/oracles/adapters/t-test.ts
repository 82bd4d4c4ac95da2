import { z } from "zod";
import { mannWhitney } from "@/core/stats/groups/mann-whitney";
import { type TTest, tTest } from "@/core/stats/groups/t-test";
import { defineAdapter, limitsOf } from "../context";

const values = z.array(z.number());

export const adapter = defineAdapter(z.strictObject({ x: values, y: values }), ({ x, y }) => {
  const groups = { first: x, second: y, tail: "two-sided" } as const;
  const student = tTest({ ...groups, variances: "student" });
  const ranks = mannWhitney(groups);
  const written = ({ t, df, p, difference }: TTest) => ({ t, df, p, ci95: limitsOf(difference) });
  return {
    mean_x: student.means[0],
    mean_y: student.means[1],
    sd_x: student.standardDeviations[0],
    sd_y: student.standardDeviations[1],
    difference: student.difference.estimate,
    student: written(student),
    welch: written(tTest({ ...groups, variances: "welch" })),
    cohens_d: student.cohensD,
    mann_whitney: {
      u: ranks.u,
      p_normal_cc: ranks.pNormalCorrected,
      p_normal: ranks.pNormal,
      p_exact: ranks.pExact,
    },
  };
});
