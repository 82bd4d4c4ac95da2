# Rscript reference.R CASES ANSWERS: what R, pROC or the definition makes of the random cases of main.ts.
#
# CASES is a JSON array of {family, input}, ANSWERS one of what is expected, NA and NaN as null, infinity as "Inf". One function
# a family. Where R's convention is not that of core/stats, the function says so and follows core/stats.
suppressPackageStartupMessages({
  library(pROC)
  library(jsonlite)
})
options(warn = -1)
sampleVar <- stats::var
sampleCov <- stats::cov
z95 <- qnorm(0.975)
tails <- c("two-sided", "greater", "less")

# A variance of areas or shares below this is rounding error: with the few units of these cases, one that is not 0 exceeds 1e-9.
tiny <- 1e-15
clean <- function(variance) ifelse(variance < tiny, 0, variance)
clip <- function(limits, low = 0, high = 1) pmin(high, pmax(low, limits))
normalP <- function(z, tail) {
  switch(tail, "two-sided" = 2 * pnorm(-abs(z)), greater = pnorm(z, lower.tail = FALSE), less = pnorm(z))
}
studentP <- function(t, df, tail) {
  switch(tail, "two-sided" = 2 * pt(-abs(t), df), greater = pt(t, df, lower.tail = FALSE), less = pt(t, df))
}
alternativeOf <- function(tail) sub("-", ".", tail, fixed = TRUE)
none2 <- I(c(NA, NA))

# ---- ROC curves: pROC ----

rocOf <- function(truth, score, direction) {
  roc(truth, score, levels = c(0, 1), direction = if (direction == "higher") "<" else ">", quiet = TRUE)
}
countOf <- function(truth) c(sum(truth == 1), sum(truth == 0))
# pROC's var() of a single unit is NA; its tests divide by 0 there.
delongVar <- function(r) as.numeric(pROC::var(r, method = "delong"))
delongCov <- function(a, b) as.numeric(pROC::cov(a, b, method = "delong"))

families <- list()

families[["auc"]] <- function(x) {
  r <- rocOf(x$truth, x$score, x$direction)
  A <- as.numeric(r$auc)
  v <- delongVar(r)
  ci <- as.numeric(ci.auc(r, method = "delong"))[c(1, 3)]
  m <- countOf(x$truth)[1]
  n <- countOf(x$truth)[2]
  q1 <- A / (2 - A)
  q2 <- 2 * A^2 / (1 + A)
  sign <- if (x$direction == "higher") 1 else -1
  u <- wilcox.test(sign * x$score[x$truth == 1], sign * x$score[x$truth == 0], exact = FALSE)$statistic
  hasLogit <- !is.na(v) && v > tiny && A > 0 && A < 1
  z <- if (!is.na(v) && v > tiny) (A - 0.5) / sqrt(v) else NA
  list(
    auc = A, ci = I(ci), variance = v, unclipped = I(A + c(-1, 1) * z95 * sqrt(v)),
    logit = if (hasLogit) I(plogis(qlogis(A) + c(-1, 1) * z95 * sqrt(v) / (A * (1 - A)))) else none2,
    hanleyMcNeil = sqrt(clean((A * (1 - A) + (m - 1) * (q1 - A^2) + (n - 1) * (q2 - A^2)) / (m * n))),
    u = as.numeric(u), gini = 2 * A - 1, z = z, p = I(sapply(tails, function(tail) normalP(z, tail)))
  )
}

families[["paired-delong"]] <- function(x) {
  a <- rocOf(x$truth, x$first, x$direction)
  b <- rocOf(x$truth, x$second, x$direction)
  areas <- c(as.numeric(a$auc), as.numeric(b$auc))
  answer <- list(
    areas = I(areas), variances = I(c(NA, NA, NA)), difference = areas[1] - areas[2], se = NA, z = NA, p = NA, ci = none2
  )
  if (min(countOf(x$truth)) < 2) return(answer)
  answer$variances <- I(c(delongVar(a), delongVar(b), delongCov(a, b)))
  answer$se <- sqrt(clean(sum(answer$variances * c(1, 1, -2))))
  # pROC prints P = 1 or NaN, or z of a million, where the variance is 0 but for rounding.
  if (answer$se == 0) return(answer)
  test <- roc.test(a, b, paired = TRUE, method = "delong", alternative = alternativeOf(x$tail))
  answer$z <- as.numeric(test$statistic)
  answer$p <- test$p.value
  answer$ci <- I(as.numeric(test$conf.int))
  answer
}

families[["unpaired-delong"]] <- function(x) {
  a <- rocOf(x$first$truth, x$first$score, x$first$direction)
  b <- rocOf(x$second$truth, x$second$score, x$second$direction)
  d <- as.numeric(a$auc) - as.numeric(b$auc)
  v <- delongVar(a) + delongVar(b)
  if (is.na(v) || v < tiny)
    return(list(difference = d, se = NA, statistic = NA, df = NA, pStudent = NA, pNormal = NA, ci = none2))
  test <- roc.test(a, b, paired = FALSE, method = "delong", alternative = alternativeOf(x$tail))
  statistic <- as.numeric(test$statistic)
  list(
    difference = d, se = sqrt(v), statistic = statistic, df = as.numeric(test$parameter), pStudent = test$p.value,
    pNormal = normalP(statistic, x$tail), ci = I(d + c(-1, 1) * z95 * sqrt(v))
  )
}

families[["partial-auc"]] <- function(x) {
  r <- rocOf(x$truth, x$score, x$direction)
  of <- function(correct) {
    as.numeric(auc(r, partial.auc = c(x$from, x$to), partial.auc.focus = x$over, partial.auc.correct = correct))
  }
  raw <- of(FALSE)
  least <- ((1 - x$from)^2 - (1 - x$to)^2) / 2
  # On the diagonal itself the correction is defined, 1/2; pROC gives NA there when rounding puts the area an ulp below.
  list(raw = raw, corrected = if (abs(raw - least) < 1e-14) 0.5 else of(TRUE))
}

families[["cutoffs"]] <- function(x) {
  r <- rocOf(x$truth, x$score, x$direction)
  isHigher <- x$direction == "higher"
  all <- coords(r, "all", transpose = FALSE)
  # pROC's thresholds lie between the scores, and one calls nothing positive; here they are scores, the least suspicious still positive.
  all <- all[all$threshold != (if (isHigher) Inf else -Inf), ]
  all$score <- sapply(all$threshold, function(at) {
    if (isHigher) min(x$score[x$score >= at]) else max(x$score[x$score <= at])
  })
  all <- all[order(all$score, decreasing = !isHigher), ]
  # pROC compares sums of fractions exactly and so may miss a tie; the ones it finds must be among these.
  written <- function(best) {
    lapply(which(best), function(i) {
      list(threshold = all$score[i], sensitivity = all$sensitivity[i], specificity = all$specificity[i])
    })
  }
  contains <- function(best, method) {
    found <- coords(r, "best", best.method = method, transpose = FALSE)$threshold
    stopifnot(all(found %in% c(all$threshold[best], -Inf, Inf)))
  }
  j <- all$sensitivity + all$specificity - 1
  distance <- (1 - all$sensitivity)^2 + (1 - all$specificity)^2
  contains(j > max(j) - 1e-12, "youden")
  contains(distance < min(distance) + 1e-12, "closest.topleft")
  other <- if (x$keep == "specificity") "sensitivity" else "specificity"
  eligible <- all[all[[x$keep]] >= x$atLeast - 1e-12, ]
  list(
    j = max(j), youden = written(j > max(j) - 1e-12),
    distanceSquared = min(distance), topLeft = written(distance < min(distance) + 1e-12),
    kept = if (nrow(eligible) > 0) list(reaches = TRUE, other = max(eligible[[other]]))
  )
}

# ---- Clusters: the definitions, with all pairs ----

# 1 where the positive unit (row) is the more suspicious, 1/2 for a tie.
psiOf <- function(truth, score, direction) {
  s <- if (direction == "higher") score else -score
  outer(s[truth == 1], s[truth == 0], function(a, b) (a > b) + (a == b) / 2)
}
areaOf <- function(psi) sum(psi) / length(psi)
numbered <- function(ids) match(ids, unique(ids))

# Obuchowski 1997: psi summed over the pairs of each pair of clusters, less its expectation.
obuchowskiParts <- function(psi1, psi2, truth, ids) {
  I <- max(ids)
  inPositive <- outer(seq_len(I), ids[truth == 1], "==") * 1
  inNegative <- outer(seq_len(I), ids[truth == 0], "==") * 1
  m <- rowSums(inPositive)
  n <- rowSums(inNegative)
  M <- sum(m)
  N <- sum(n)
  I10 <- sum(m > 0)
  I01 <- sum(n > 0)
  if (I10 < 2 || I01 < 2) return(NULL)
  deviations <- function(psi) {
    A <- areaOf(psi)
    list(x = inPositive %*% rowMeans(psi) - m * A, y = inNegative %*% colMeans(psi) - n * A)
  }
  a <- deviations(psi1)
  b <- deviations(psi2)
  s10 <- I10 / ((I10 - 1) * M) * sum(a$x * b$x)
  s01 <- I01 / ((I01 - 1) * N) * sum(a$y * b$y)
  s11 <- I / (I - 1) * sum(a$x * b$y)
  s11b <- I / (I - 1) * sum(b$x * a$y)
  c(s10 = s10, s01 = s01, s11 = s11, total = s10 / M + s01 / N + (s11 + s11b) / (M * N))
}
withoutPairs <- function(psi, truth, left) psi[!left[truth == 1], !left[truth == 0], drop = FALSE]

families[["clustered-auc"]] <- function(x) {
  ids <- numbered(x$cluster)
  I <- max(ids)
  counts <- c(I, length(unique(ids[x$truth == 1])), length(unique(ids[x$truth == 0])))
  psis <- lapply(list(x$first, x$second), function(score) psiOf(x$truth, score, x$direction))
  parts <- lapply(psis, function(psi) obuchowskiParts(psi, psi, x$truth, ids))
  areas <- lapply(1:2, function(k) {
    A <- areaOf(psis[[k]])
    left <- sapply(seq_len(I), function(g) {
      rest <- withoutPairs(psis[[k]], x$truth, ids == g)
      if (length(rest) > 0) areaOf(rest) else NA
    })
    jackknife <- if (I > 1) sqrt((I - 1) / I * sum((left - mean(left))^2)) else NA
    answer <- list(
      auc = A, clusters = I(counts), parts = I(c(NA, NA, NA)), variance = NA, ci = none2, unclipped = none2, naive = NA,
      designEffect = NA, jackknife = jackknife
    )
    if (is.null(parts[[k]])) return(answer)
    v <- clean(parts[[k]][["total"]])
    naive <- sampleVar(rowMeans(psis[[k]])) / nrow(psis[[k]]) + sampleVar(colMeans(psis[[k]])) / ncol(psis[[k]])
    answer$parts <- I(parts[[k]][c("s10", "s01", "s11")])
    answer$variance <- v
    answer$unclipped <- I(A + c(-1, 1) * z95 * sqrt(v))
    # On the logit scale, t on clusters - 1; without variance and at 0 and 1 of no width.
    hasLogit <- v > 0 && A > 0 && A < 1
    answer$ci <- I(if (hasLogit) plogis(qlogis(A) + c(-1, 1) * qt(0.975, I - 1) * sqrt(v) / (A * (1 - A))) else c(A, A))
    answer$naive <- sqrt(clean(naive))
    answer$designEffect <- if (naive < tiny) NA else v / naive
    answer
  })
  answer <- list(areas = areas, covariance = NA, se = NA, statistic = NA, p = NA, ci = none2, normal = NULL)
  if (is.null(parts[[1]])) return(answer)
  answer$covariance <- obuchowskiParts(psis[[1]], psis[[2]], x$truth, ids)[["total"]]
  # From the pairs' differences, so that a variance of 0 is 0 but for rounding.
  answer$se <- sqrt(clean(obuchowskiParts(psis[[1]] - psis[[2]], psis[[1]] - psis[[2]], x$truth, ids)[["total"]]))
  if (answer$se == 0) return(answer)
  d <- areaOf(psis[[1]]) - areaOf(psis[[2]])
  answer$statistic <- d / answer$se
  answer$p <- studentP(answer$statistic, I - 1, x$tail)
  answer$ci <- I(d + c(-1, 1) * qt(0.975, I - 1) * answer$se)
  answer$normal <- I(c(normalP(answer$statistic, x$tail), d + c(-1, 1) * z95 * answer$se))
  answer
}

# Areas of several scores and their covariance; NULL when it is not estimable.
areasOf <- function(truth, scores, direction, kind, cluster) {
  psis <- lapply(scores, function(score) psiOf(truth, score, direction))
  each <- function(of) outer(seq_along(scores), seq_along(scores), Vectorize(of))
  values <- sapply(psis, areaOf)
  if (kind == "obuchowski") {
    ids <- numbered(cluster)
    if (is.null(obuchowskiParts(psis[[1]], psis[[1]], truth, ids))) return(list(values = values, covariance = NULL))
    of <- function(i, j) obuchowskiParts(psis[[i]], psis[[j]], truth, ids)[["total"]]
    return(list(values = values, covariance = each(of)))
  }
  if (min(countOf(truth)) < 2) return(list(values = values, covariance = NULL))
  if (kind == "delong") {
    rocs <- lapply(scores, function(score) rocOf(truth, score, direction))
    return(list(values = values, covariance = each(function(i, j) delongCov(rocs[[i]], rocs[[j]]))))
  }
  n <- length(truth)
  left <- sapply(psis, function(psi) sapply(seq_len(n), function(i) areaOf(withoutPairs(psi, truth, seq_len(n) == i))))
  list(values = values, covariance = (n - 1) / n * crossprod(sweep(left, 2, colMeans(left))))
}

families[["auc-covariance"]] <- function(x) {
  found <- areasOf(x$truth, x$scores, x$direction, x$kind, x$cluster)
  list(areas = I(found$values), covariance = found$covariance)
}

families[["clustered-proportion"]] <- function(x) {
  y <- as.numeric(x$outcome)
  n <- length(y)
  ids <- numbered(x$cluster)
  G <- length(unique(ids))
  answer <- list(
    counts = I(c(G, sum(y), n)), estimate = if (n == 0) NA else sum(y) / n, se = NA, wald = none2, designEffect = NA,
    effectiveN = NA, ci = none2
  )
  if (G < 2) return(answer)
  wilson <- function(events, n) I(as.numeric(prop.test(events, n, correct = FALSE)$conf.int))
  p <- answer$estimate
  if (p == 0 || p == 1) {
    answer$se <- 0
    answer$ci <- wilson(p * G, G)
    return(answer)
  }
  # The cluster sandwich of the model with an intercept alone.
  model <- lm(y ~ 1)
  bread <- solve(crossprod(model.matrix(model)))
  v <- as.numeric(clean(G / (G - 1) * bread %*% sum(tapply(resid(model), ids, sum)^2) %*% bread))
  answer$se <- sqrt(v)
  answer$wald <- I(p + c(-1, 1) * z95 * sqrt(v))
  answer$designEffect <- v / (p * (1 - p) / n)
  if (v == 0) {
    answer$ci <- I(c(p, p))
    return(answer)
  }
  answer$effectiveN <- n / answer$designEffect
  # prop.test takes an effective number that is not whole.
  answer$ci <- wilson(p * answer$effectiveN, answer$effectiveN)
  answer
}

families[["clustered-mcnemar"]] <- function(x) {
  tables <- do.call(rbind, x$tables)
  tables <- tables[rowSums(tables) > 0, , drop = FALSE]
  K <- nrow(tables)
  m <- rowSums(tables)
  n <- sum(m)
  b <- tables[, 2]
  c <- tables[, 3]
  answer <- list(
    clusters = K, difference = if (n == 0) NA else (sum(b) - sum(c)) / n, se = NA, ci = none2, unclipped = none2,
    unclustered = NULL,
    obuchowski = NULL, durkalski = NULL, yang = NULL
  )
  tested <- function(over, under) if (under < tiny) NULL else I(c(over / under, pchisq(over / under, 1, lower.tail = FALSE)))
  answer["unclustered"] <- list(tested(sum(b - c)^2, sum(b + c)))
  if (K < 2) return(answer)
  first <- tables[, 1] + b
  second <- tables[, 1] + c
  # Of the difference of two ratio estimators around given shares.
  varianceAround <- function(p1, p2) K / (K - 1) * sum(((first - m * p1) - (second - m * p2))^2) / n^2
  d <- answer$difference
  pooled <- (sum(first) + sum(second)) / (2 * n)
  v <- varianceAround(sum(first) / n, sum(second) / n)
  v0 <- varianceAround(pooled, pooled)
  answer$se <- sqrt(clean(v))
  # Without variance core/stats gives no interval rather than one of no width.
  if (answer$se > 0) answer$ci <- I(clip(d + c(-1, 1) * qt(0.975, K - 1) * answer$se, -1, 1))
  answer$unclipped <- I(d + c(-1, 1) * z95 * answer$se)
  if (sum(b + c) == 0) return(answer)
  answer$obuchowski <- tested(d^2, v0)
  answer$durkalski <- tested(sum((b - c) / m)^2, sum(((b - c) / m)^2))
  answer$yang <- tested(d^2, (v0 + v) / 2)
  answer
}

kappaOf <- function(table) {
  p <- table / sum(table)
  pe <- sum(rowSums(p) * colSums(p))
  if (sum(table) == 0 || 1 - pe < 1e-12) NA else (sum(diag(p)) - pe) / (1 - pe)
}

families[["clustered-kappa"]] <- function(x) {
  levels <- c(1, 0)
  tableOf <- function(use) unclass(table(factor(x$first[use], levels), factor(x$second[use], levels)))
  ids <- numbered(x$cluster)
  G <- length(unique(ids))
  whole <- tableOf(seq_along(ids))
  kappa <- kappaOf(whole)
  left <- sapply(seq_len(G), function(g) kappaOf(tableOf(which(ids != g))))
  se <- if (G > 1 && !is.na(kappa)) sqrt(clean((G - 1) / G * sum((left - mean(left))^2))) else NA
  # Without any variance between clusters core/stats gives no interval rather than one of no width.
  ci <- if (is.na(se) || se == 0) none2 else I(kappa + c(-1, 1) * z95 * se)
  list(table = matrix(whole, 2), kappa = kappa, ci = ci)
}

families[["bootstrap"]] <- function(x) {
  units <- length(x$truth)
  ids <- if (is.null(x$cluster)) seq_len(units) else numbered(x$cluster)
  members <- split(seq_len(units), ids)
  area <- function(use) {
    psi <- psiOf(x$truth[use], x$score[use], x$direction)
    if (length(psi) > 0) areaOf(psi) else NA
  }
  estimate <- area(seq_len(units))
  replicates <- sapply(x$resamples, function(drawn) area(unlist(members[drawn + 1])))
  values <- replicates[!is.na(replicates)]
  if (length(values) < 2) return(list(estimate = NA))
  percentile <- as.numeric(quantile(values, c(0.025, 0.975), type = 7))
  left <- sapply(seq_along(members), function(g) area(which(ids != g)))
  d <- mean(left) - left
  # NA where the area cannot be had without a cluster, and where it never changes but for rounding.
  a <- if (anyNA(d) || sum(d^2) < 1e-25) NA else sum(d^3) / (6 * sum(d^2)^1.5)
  share <- mean(values < estimate) + mean(values == estimate) / 2
  bca <- NULL
  if (!is.na(a) && share > 0 && share < 1) {
    z0 <- qnorm(share)
    z <- z0 + qnorm(c(0.025, 0.975))
    alpha <- pnorm(z0 + z / (1 - a * z))
    bca <- list(z0 = z0, acceleration = a, alpha = I(alpha), ci = I(as.numeric(quantile(values, alpha, type = 7))))
  }
  list(
    estimate = estimate, replicates = I(replicates), mean = mean(values), se = sd(values), bias = mean(values) - estimate,
    percentile = I(percentile), basic = I(2 * estimate - rev(percentile)), bca = bca
  )
}

# ---- Counts ----

families[["mcnemar"]] <- function(x) {
  cells <- x$cells
  a <- cells[1]; b <- cells[2]; c <- cells[3]; d <- cells[4]
  n <- sum(cells)
  k <- b + c
  test <- function(correct) {
    found <- mcnemar.test(matrix(cells, 2, byrow = TRUE), correct = correct)
    I(c(as.numeric(found$statistic), found$p.value))
  }
  upper <- pbinom(b - 1, k, 0.5, lower.tail = FALSE) - dbinom(b, k, 0.5) / 2
  lower <- pbinom(b, k, 0.5) - dbinom(b, k, 0.5) / 2
  answer <- list(
    # binom.test refuses 0 trials.
    exact = if (k == 0) 1 else binom.test(b, k, 0.5, alternativeOf(x$tail))$p.value,
    mid = if (k == 0 && x$tail != "two-sided") 0.5 else switch(x$tail,
      "two-sided" = min(1, 2 * min(lower, upper)), greater = upper, less = lower
    ),
    asymptotic = test(FALSE), corrected = test(TRUE),
    oddsRatio = if (k == 0) NA else b / c, difference = I(c(NA, NA, NA)), limits = NULL
  )
  if (n == 0) return(answer)
  D <- (b - c) / n
  p <- c(a + b, a + c) / n
  ci <- sapply(c(a + b, a + c), function(e) as.numeric(prop.test(e, n, correct = FALSE)$conf.int))
  newcombe <- function(numerator) {
    under <- sqrt(prod(p, 1 - p)) * n^2
    phi <- if (under < 1e-12) 0 else numerator / under
    down <- c(p[1] - ci[1, 1], ci[2, 2] - p[2])
    up <- c(ci[2, 1] - p[1], p[2] - ci[1, 2])
    joined <- function(e) sqrt(max(0, sum(e^2) - 2 * phi * prod(e)))
    I(clip(c(D - joined(down), D + joined(up)), -1, 1))
  }
  ad <- a * d - b * c
  method10 <- newcombe(if (ad > n / 2) ad - n / 2 else if (ad > 0) 0 else ad)
  wald <- function(b, c, n) I((b - c) / n + c(-1, 1) * z95 * sqrt(max(0, (b + c) / n - ((b - c) / n)^2) / n))
  # Of the difference t, with the likelihood maximised over the second discordant probability.
  score <- function(t) {
    B <- -b - c + (2 * n - b + c) * t
    q <- (sqrt(max(0, B^2 + 8 * n * c * t * (1 - t))) - B) / (4 * n)
    v <- n * (2 * q + t * (1 - t))
    gap <- b - c - n * t
    if (v <= 1e-300) sign(gap) * 1e9 else gap / sqrt(v)
  }
  side <- function(end, z) {
    if (D == end || abs(score(end)) <= z95) return(end)
    uniroot(function(t) score(t) - z, sort(c(D, end)), tol = 1e-14)$root
  }
  answer$difference <- I(c(D, method10))
  answer$limits <- list(
    newcombe10 = method10, newcombe8 = newcombe(ad), wald = wald(b, c, n), bonettPrice = wald(b + 1, c + 1, n + 2),
    agrestiMin = wald(b + 0.5, c + 0.5, n + 2), tango = I(c(side(-1, z95), side(1, -z95)))
  )
  answer
}

families[["proportion"]] <- function(x) {
  y <- x$events
  n <- x$n
  centre <- (y + z95^2 / 2) / (n + z95^2)
  jeffreys <- qbeta(c(0.025, 0.975), y + 0.5, n - y + 0.5)
  list(
    wilson = I(as.numeric(prop.test(y, n, correct = FALSE)$conf.int)),
    clopperPearson = I(as.numeric(binom.test(y, n)$conf.int)),
    agrestiCoull = I(centre + c(-1, 1) * z95 * sqrt(centre * (1 - centre) / (n + z95^2))),
    jeffreys = I(c(if (y == 0) 0 else jeffreys[1], if (y == n) 1 else jeffreys[2]))
  )
}

# The variances by the delta method from the gradient of kappa, which is what Fleiss, Cohen and Everitt worked out.
families[["kappa"]] <- function(x) {
  table <- do.call(rbind, x$table)
  n <- sum(table)
  k <- nrow(table)
  answer <- list(
    n = n, observed = NA, expected = NA, kappa = I(c(NA, NA, NA)), se = NA, nullSe = NA, z = NA, p = NA
  )
  if (n == 0) return(answer)
  distance <- abs(row(table) - col(table)) / max(1, k - 1)
  w <- 1 - switch(x$weights, unweighted = (distance > 0) * 1, linear = distance, quadratic = distance^2)
  p <- table / n
  chance <- outer(rowSums(p), colSums(p))
  po <- sum(w * p)
  pe <- sum(w * chance)
  answer$observed <- po
  answer$expected <- pe
  if (1 - pe < 1e-12) return(answer)
  kappa <- (po - pe) / (1 - pe)
  meanWeights <- outer(as.numeric(w %*% colSums(p)), as.numeric(rowSums(p) %*% w), "+")
  varianceAt <- function(shares, po) {
    gradient <- (w * (1 - pe) - (1 - po) * meanWeights) / (1 - pe)^2
    v <- (sum(shares * gradient^2) - sum(shares * gradient)^2) / n
    if (v < 1e-13) 0 else v
  }
  answer$se <- sqrt(varianceAt(p, po))
  answer$kappa <- I(c(kappa, kappa + c(-1, 1) * z95 * answer$se))
  answer$nullSe <- sqrt(varianceAt(chance, pe))
  if (answer$nullSe > 0) {
    answer$z <- kappa / answer$nullSe
    answer$p <- normalP(answer$z, x$tail)
  }
  answer
}

families[["contingency"]] <- function(x) {
  table <- do.call(rbind, x$table)
  isFull <- all(rowSums(table) > 0) && all(colSums(table) > 0)
  n <- sum(table)
  test <- if (isFull) chisq.test(table, correct = FALSE)
  reduced <- table[rowSums(table) > 0, colSums(table) > 0, drop = FALSE]
  answer <- list(
    chiSquare = if (isFull) I(c(
      as.numeric(test$statistic), as.numeric(test$parameter), test$p.value, min(test$expected),
      sqrt(as.numeric(test$statistic) / (n * (min(dim(table)) - 1)))
    )),
    # fisher.test refuses what is less than 2 x 2 without its empty rows and columns: there is one table only.
    freemanHalton = if (min(dim(reduced)) < 2) 1 else fisher.test(reduced, workspace = 2e7, conf.int = FALSE)$p.value
  )
  if (any(dim(table) != 2)) return(answer)
  a <- table[1, 1]; b <- table[1, 2]; c <- table[2, 1]; d <- table[2, 2]
  corrected <- if (isFull) chisq.test(table, correct = TRUE)
  answer["corrected"] <- list(if (isFull) I(c(as.numeric(corrected$statistic), corrected$p.value)))
  answer$crossProduct <- a * d / (b * c)
  fisher <- fisher.test(table)
  answer$fisher <- I(sapply(tails, function(tail) fisher.test(table, alternative = alternativeOf(tail))$p.value))
  support <- max(0, a + b - (b + d)):min(a + b, a + c)
  if (length(support) == 1) {
    # R prints an odds ratio of 0 for the only table there is; it is not estimable.
    answer$oddsRatioOfR <- list(estimate = NA, lower = 0, upper = Inf)
    answer$oddsRatio <- I(c(NA, 0, Inf))
    return(answer)
  }
  answer$oddsRatioOfR <- list(
    estimate = as.numeric(fisher$estimate), lower = fisher$conf.int[1], upper = fisher$conf.int[2]
  )
  # Where the two ends lie as far from 0, rounding decides which way uniroot goes, and that its fourth digit: no comparison.
  atOne <- sum(support * dhyper(support, a + c, b + d, a + b)) - a
  ends <- c(min(support), max(support)) - a
  if (any(abs(abs(ends) - abs(atOne)) < 1e-9)) answer$oddsRatioOfR$estimate <- NULL
  # fisher.test looks for the odds ratio to 1e-4 only: the same equations, solved to the last digits.
  logs <- dhyper(support, a + c, b + d, a + b, log = TRUE)
  at <- function(ratio) {
    weight <- logs + ratio * support
    exp(weight - max(weight)) / sum(exp(weight - max(weight)))
  }
  solve <- function(f) exp(uniroot(f, c(-60, 60), tol = 1e-15)$root)
  isLowest <- a == min(support)
  isHighest <- a == max(support)
  answer$oddsRatio <- I(c(
    if (isLowest) 0 else if (isHighest) Inf else solve(function(l) sum(support * at(l)) - a),
    if (isLowest) 0 else solve(function(l) sum(at(l)[support >= a]) - 0.025),
    if (isHighest) Inf else solve(function(l) sum(at(l)[support <= a]) - 0.025)
  ))
  answer
}

# ---- Two groups, multiplicity ----

families[["t-test"]] <- function(x) {
  a <- as.numeric(x$first)
  b <- as.numeric(x$second)
  test <- function(tail) t.test(a, b, alternative = alternativeOf(tail), var.equal = x$variances == "student")
  # R refuses groups that are too small, and values "essentially constant"; equal constants give NaN. All are no test here.
  found <- tryCatch(test("two-sided"), error = function(e) NULL)
  isTested <- !is.null(found) && !is.nan(found$statistic)
  d <- mean(a) - mean(b)
  pooled <- (sum((a - mean(a))^2) + sum((b - mean(b))^2)) / (length(a) + length(b) - 2)
  varies <- min(length(a), length(b)) > 1 && sqrt(pooled) > 10 * .Machine$double.eps * max(abs(mean(a)), abs(mean(b)))
  list(
    difference = I(c(d, if (isTested) as.numeric(found$conf.int) else c(NA, NA))),
    t = if (isTested) as.numeric(found$statistic) else NA,
    df = if (isTested) as.numeric(found$parameter) else NA,
    p = I(if (isTested) sapply(tails, function(tail) test(tail)$p.value) else c(NA, NA, NA)),
    means = I(c(mean(a), mean(b))), sds = I(c(sd(a), sd(b))), cohensD = if (varies) d / sqrt(pooled) else NA
  )
}

families[["mann-whitney"]] <- function(x) {
  a <- as.numeric(x$first)
  b <- as.numeric(x$second)
  test <- function(tail, ...) wilcox.test(a, b, alternative = alternativeOf(tail), ...)
  each <- function(of) I(sapply(tails, of))
  # With ties, and from 50 values on, R takes the normal distribution by default: no exact P.
  isExact <- !any(duplicated(c(a, b))) && length(a) < 50 && length(b) < 50
  u <- as.numeric(test("two-sided", exact = FALSE)$statistic)
  list(
    u = I(rep(u, 3)), probability = I(rep(u / (length(a) * length(b)), 3)),
    exact = each(function(tail) if (isExact) test(tail, exact = TRUE)$p.value else NA),
    normal = each(function(tail) test(tail, exact = FALSE, correct = FALSE)$p.value),
    # Where all values are equal both are NaN; with the correction, one-sided, -0.5/0 gives P = 0 or 1, which means nothing.
    corrected = each(function(tail) {
      if (length(unique(c(a, b))) == 1) NA else test(tail, exact = FALSE, correct = TRUE)$p.value
    })
  )
}

families[["p-adjust"]] <- function(x) {
  p <- as.numeric(x$p)
  of <- function(method) I(p.adjust(p, method))
  list(
    bonferroni = of("bonferroni"), holm = of("holm"), hochberg = of("hochberg"), hommel = of("hommel"), bh = of("BH"),
    by = of("BY")
  )
}

# ---- Predicted probabilities ----

families[["calibration"]] <- function(x) {
  y <- as.numeric(x$truth)
  p <- as.numeric(x$probability)
  n <- length(y)
  prevalence <- mean(y)
  spread <- sum((1 - 2 * p)^2 * p * (1 - p))
  z <- sum((y - p) * (1 - 2 * p)) / sqrt(spread)
  bin <- findInterval(p, (0:9) / 10)
  bins <- lapply(1:10, function(k) c(sum(bin == k), mean(p[bin == k]), mean(y[bin == k])))
  gaps <- sapply(bins, function(of) if (of[1] == 0) 0 else abs(of[2] - of[3]))
  clipped <- if (is.null(x$clip)) p else pmin(1 - x$clip, pmax(x$clip, p))
  l <- qlogis(clipped)
  isFitted <- prevalence > 0 && prevalence < 1 && all(is.finite(l))
  # glm does not see that there is no maximum: it stops somewhere on the way to infinity.
  separates <- isFitted && (max(l[y == 0]) <= min(l[y == 1]) || max(l[y == 1]) <= min(l[y == 0]))
  missing4 <- I(rep(NA, 4))
  answer <- list(
    brier = I(c(
      mean((p - y)^2), prevalence * (1 - prevalence),
      if (prevalence %in% 0:1) NA else 1 - mean((p - y)^2) / (prevalence * (1 - prevalence))
    )),
    logLoss = if (any(p %in% 0:1)) NA else -mean(dbinom(y, 1, p, log = TRUE)),
    spiegelhalter = if (spread == 0) NULL else I(c(z, 2 * pnorm(-abs(z)))),
    inTheLarge = I(rep(NA, 5)), intercept = missing4, slope = missing4, deviance = NA,
    hosmerLemeshow = hosmerLemeshow(y, p, x$groups),
    bins = lapply(bins, I), errors = I(c(sum(gaps * sapply(bins, `[`, 1)) / n, max(gaps)))
  )
  if (isFitted) {
    large <- logistic(y ~ 1, l)
    answer$inTheLarge <- I(c(large$rows[1, ], 2 * pnorm(-abs(large$rows[1, 1] / large$rows[1, 2]))))
  }
  if (isFitted && !separates) {
    both <- logistic(y ~ l, NULL)
    answer$intercept <- I(both$rows[1, ])
    answer$slope <- I(both$rows[2, ])
    answer$deviance <- both$deviance
  }
  answer
}

# glm to its last digits: it stops on the deviance, which is flat, and takes its standard errors from one step before.
logistic <- function(formula, offset) {
  environment(formula) <- environment()
  y <- get("y", parent.frame())
  l <- get("l", parent.frame())
  start <- NULL
  for (round in 1:3) {
    fit <- glm(formula, binomial, offset = offset, start = start, control = glm.control(epsilon = 1e-14, maxit = 200))
    start <- coef(fit)
  }
  X <- model.matrix(fit)
  eta <- as.numeric(X %*% start) + (if (is.null(offset)) 0 else offset)
  se <- sqrt(diag(solve(crossprod(X, X * plogis(eta) * plogis(-eta)))))
  rows <- cbind(start, se, start - z95 * se, start + z95 * se)
  dimnames(rows) <- NULL
  list(rows = rows, deviance = fit$deviance)
}

hosmerLemeshow <- function(y, p, g) {
  n <- length(p)
  sorted <- sort(p)
  # Type 7 with the rank (n - 1) k / g as one division: quantile() rounds k / g first, and an ulp moves whoever is at the limit.
  rank <- (n - 1) * (0:g) / g
  low <- sorted[floor(rank) + 1]
  high <- sorted[pmin(n, floor(rank) + 2)]
  breaks <- low + (rank - floor(rank)) * (high - low)
  stopifnot(all.equal(breaks, as.numeric(quantile(p, (0:g) / g, type = 7)), tolerance = 1e-12))
  breaks <- unique(breaks)
  if (length(breaks) < 2) return(NULL)
  k <- length(breaks) - 1
  group <- if (k == 1) rep(1, n) else findInterval(p, breaks[2:k], left.open = TRUE) + 1
  groups <- lapply(seq_len(k), function(i) c(sum(group == i), sum(y[group == i]), sum(p[group == i])))
  E <- sapply(groups, `[`, 3)
  O <- sapply(groups, `[`, 2)
  N <- sapply(groups, `[`, 1)
  chi <- if (any(E <= 0 | E >= N)) NA else sum((O - E)^2 / E + (O - E)^2 / (N - E))
  list(
    test = I(c(chi, k - 2, if (k > 2) pchisq(chi, k - 2, lower.tail = FALSE) else NA)), groups = lapply(groups, I)
  )
}

families[["calibration-curve"]] <- function(x) {
  p <- as.numeric(x$probability)
  y <- as.numeric(x$truth)
  curve <- lowess(p, y, f = 2 / 3, iter = 0, delta = 0)
  gaps <- abs(curve$y - curve$x)
  isFirst <- !duplicated(curve$x)
  list(
    x = I(curve$x[isFirst]), y = I(curve$y[isFirst]),
    indices = I(c(mean(gaps), as.numeric(quantile(gaps, c(0.5, 0.9), type = 7)), max(gaps)))
  )
}

families[["net-benefit"]] <- function(x) {
  n <- length(x$truth)
  benefit <- function(called, at) {
    sum(x$truth[called] == 1) / n - sum(x$truth[called] == 0) / n * at / (1 - at)
  }
  falling <- sort(unique(x$score), decreasing = TRUE)
  recall <- sapply(falling, function(at) mean(x$score[x$truth == 1] >= at))
  precision <- sapply(falling, function(at) mean(x$truth[x$score >= at]))
  list(
    model = I(sapply(x$thresholds, function(at) benefit(x$score >= at, at))),
    treatAll = I(sapply(x$thresholds, function(at) benefit(rep(TRUE, n), at))),
    averagePrecision = sum(diff(c(0, recall)) * precision)
  )
}

# ---- Distributions ----

# Where df is below 1, qt may be off in the ninth digit (its own pt shows it), and qt(1/2) is some 1e-16: two steps of Newton on the tail.
refinedQt <- function(p, df) {
  if (p == 0.5) return(0)
  tail <- min(p, 1 - p)
  t <- qt(tail, df, lower.tail = FALSE)
  for (step in 1:2) t <- t + (pt(t, df, lower.tail = FALSE) - tail) / dt(t, df)
  if (p < 0.5) -t else t
}

families[["distributions"]] <- function(x) {
  a <- as.list(x$args)
  upper <- function(of) do.call(of, c(a, lower.tail = FALSE))
  value <- switch(x$fn,
    normalUpperTail = upper(pnorm), normalQuantile = do.call(qnorm, a),
    studentTwoSidedP = 2 * pt(-abs(a[[1]]), a[[2]]), studentCdf = do.call(pt, a), 
    studentQuantile = refinedQt(a[[1]], a[[2]]),
    fUpperTail = upper(pf), chiSquareUpperTail = upper(pchisq), betaCdf = do.call(pbeta, a),
    betaQuantile = do.call(qbeta, a), binomialPmf = do.call(dbinom, a), binomialCdf = do.call(pbinom, a),
    hypergeometricPmf = do.call(dhyper, a), hypergeometricCdf = do.call(phyper, a)
  )
  setNames(list(value), x$fn)
}

# ---- Several readers ----

figuresOf <- function(x, scores) {
  if (x$metric == "auc") return(areasOf(x$truth, scores, x$direction, x$kind, x$cluster))
  isWanted <- x$truth == (if (x$metric == "sensitivity") 1 else 0)
  outcomes <- sapply(scores, function(score) {
    called <- if (x$direction == "higher") score >= x$threshold else score <= x$threshold
    (called == (x$metric == "sensitivity"))[isWanted] * 1
  })
  outcomes <- matrix(outcomes, ncol = length(scores))
  n <- nrow(outcomes)
  values <- colMeans(outcomes)
  if (x$kind == "binomial") return(list(values = values, covariance = if (n > 1) sampleCov(outcomes) / n))
  sums <- rowsum(sweep(outcomes, 2, values), numbered(x$cluster[isWanted]))
  G <- nrow(sums)
  list(values = values, covariance = if (G > 1) G / (G - 1) * crossprod(sums) / n^2)
}

# t with df degrees of freedom, normal when df is NA.
written <- function(estimate, variance, df = NA, tail = "two-sided") {
  se <- sqrt(clean(variance))
  answer <- list(estimate = estimate, se = se, df = df, ci = none2, statistic = NA, p = NA)
  if (se == 0) return(answer)
  answer$statistic <- estimate / se
  answer$ci <- I(estimate + c(-1, 1) * se * (if (is.na(df)) z95 else qt(0.975, df)))
  answer$p <- if (is.na(df)) normalP(answer$statistic, tail) else studentP(answer$statistic, df, tail)
  answer
}
writtenSingle <- function(estimate, variance, df = NA) {
  answer <- written(estimate, variance, df)[c("estimate", "se", "df", "ci")]
  answer$ci <- I(clip(answer$ci))
  answer
}
degreesOf <- function(total, part, df) if (part < tiny) NA else total^2 / (part^2 / df)

families[["obuchowski-rockette"]] <- function(x) {
  t <- length(x$scores)
  r <- length(x$scores[[1]])
  found <- figuresOf(x, do.call(c, x$scores))
  S <- found$covariance
  if (is.null(S)) return(list(error = "one_class"))
  theta <- matrix(found$values, t, byrow = TRUE)
  cell <- expand.grid(reader = factor(1:r), test = factor(1:t))
  ms <- clean(summary(aov(found$values ~ test * reader, cell))[[1]][["Mean Sq"]])
  msT <- ms[1]
  msR <- ms[2]
  msTR <- ms[3]
  sameTest <- outer(cell$test, cell$test, "==")
  sameReader <- outer(cell$reader, cell$reader, "==")
  v <- mean(S[sameTest & sameReader])
  cov1 <- mean(S[!sameTest & sameReader])
  cov2 <- mean(S[sameTest & !sameReader])
  cov3 <- mean(S[!sameTest & !sameReader])
  pairs <- combn(t, 2, simplify = FALSE)
  differences <- function(variance, df = NA) {
    lapply(pairs, function(ij) written(mean(theta[ij[1], ]) - mean(theta[ij[2], ]), variance, df))
  }
  divided <- function(over, under) if (under < tiny) NA else over / under

  random <- clean(msTR + r * max(cov2 - cov3, 0))
  df2 <- degreesOf(random, msTR, (t - 1) * (r - 1))
  f <- divided(msT, random)
  fixed <- v - cov1 + (r - 1) * (cov2 - cov3)
  chi <- divided((t - 1) * msT, fixed)
  casesDf <- (t - 1) * (r - 1)
  casesF <- divided(msT, msTR)
  inTest <- lapply(1:t, function(i) {
    own <- S[cell$test == i, cell$test == i]
    list(mean = mean(theta[i, ]), ms = clean(sampleVar(theta[i, ])), v = mean(diag(own)), cov2 = mean(own[row(own) != col(own)]))
  })
  list(
    theta = theta, covariance = S, ms = I(c(msT, msR, msTR)), components = I(c(v, cov1, cov2, cov3)),
    estimated = I(c((msR - msTR) / t - cov1 + cov3, msTR - v + cov1 + (cov2 - cov3))),
    rrrc = list(
      test = I(c(random, f, df2, if (is.na(df2)) pchisq(f * (t - 1), t - 1, lower.tail = FALSE) else
        pf(f, t - 1, df2, lower.tail = FALSE))),
      differences = differences(2 * random / r, df2),
      single = lapply(inTest, function(own) {
        total <- own$ms + r * max(own$cov2, 0)
        writtenSingle(own$mean, total / r, degreesOf(total, own$ms, r - 1))
      })
    ),
    rrfc = list(
      test = I(c(casesF, casesDf, pf(casesF, t - 1, casesDf, lower.tail = FALSE))),
      differences = differences(2 * msTR / r, casesDf)
    ),
    frrc = list(
      test = I(c(fixed, chi, t - 1, pchisq(chi, t - 1, lower.tail = FALSE))),
      differences = differences(2 * fixed / r),
      single = lapply(inTest, function(own) writtenSingle(own$mean, (own$v + (r - 1) * max(own$cov2, 0)) / r)),
      byReader = do.call(c, lapply(1:r, function(j) {
        own <- S[cell$reader == j, cell$reader == j]
        variance <- 2 * (mean(diag(own)) - mean(own[row(own) != col(own)]))
        lapply(pairs, function(ij) written(theta[ij[1], j] - theta[ij[2], j], variance))
      }))
    )
  )
}

families[["network-against-readers"]] <- function(x) {
  found <- figuresOf(x, c(list(x$network), x$readers))
  if (is.null(found$covariance)) return(list(error = "one_class"))
  J <- length(x$readers)
  contrast <- cbind(-1, diag(J))
  S <- contrast %*% found$covariance %*% t(contrast)
  d <- as.numeric(contrast %*% found$values)
  v <- mean(diag(S))
  cov2 <- if (J == 1) 0 else mean(S[row(S) != col(S)])
  random <- NULL
  if (J > 1) {
    ms <- clean(sampleVar(d))
    total <- ms + J * max(cov2, 0)
    random <- written(mean(d), total / J, degreesOf(total, ms, J - 1), x$tail)
  }
  each <- lapply(1:J, function(j) written(d[j], S[j, j], NA, x$tail))
  list(
    areas = I(found$values), components = I(c(v, cov2)), random = random,
    fixed = written(mean(d), (v + (J - 1) * cov2) / J, NA, x$tail), perReader = each,
    holm = I(p.adjust(sapply(each, function(of) of$p), "holm"))
  )
}

# ---- JSON ----

# I(...) is an array even with one value. jsonlite writes 15 digits at most.
asJson <- function(x) {
  if (is.null(x)) return("null")
  if (is.list(x)) {
    values <- vapply(x, asJson, "")
    if (is.null(names(x))) return(paste0("[", paste(values, collapse = ","), "]"))
    return(paste0("{", paste0("\"", names(x), "\":", values, collapse = ","), "}"))
  }
  if (is.matrix(x)) return(asJson(lapply(seq_len(nrow(x)), function(i) I(x[i, ]))))
  values <- if (is.character(x)) vapply(as.character(x), function(one) as.character(toJSON(one, auto_unbox = TRUE)), "")
  else if (is.logical(x)) ifelse(is.na(x), "null", ifelse(x, "true", "false"))
  else ifelse(is.na(x), "null", ifelse(x == Inf, "\"Inf\"", ifelse(x == -Inf, "\"-Inf\"", sprintf("%.17g", as.numeric(x)))))
  if (length(x) == 1 && !inherits(x, "AsIs")) values else paste0("[", paste(values, collapse = ","), "]")
}

files <- commandArgs(trailingOnly = TRUE)
cases <- fromJSON(files[1], simplifyVector = TRUE, simplifyDataFrame = FALSE, simplifyMatrix = FALSE)
answers <- lapply(cases, function(case) {
  tryCatch(families[[case$family]](case$input), error = function(e) list(error = paste("R:", conditionMessage(e))))
})
writeLines(asJson(unname(answers)), files[2])
