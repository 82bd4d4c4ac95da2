# Recomputes the accuracy table, the primary contrast and the subgroups of this folder from its tables, and compares them with results.json: counted by the
# unit of the plan and by the others, with the calls of the plan and with those judged otherwise.
#
# Needs base R; pROC, where it is installed, computes the areas once more. Prints a line a number; ends with 1 where one differs by more than 0.000001 (of 1, or
# of its size where that is more). Formulas: shares by the ratio estimator with Wilson's interval on the effective number of images; areas by Obuchowski 1997
# with a logit interval; averages over readers by U-statistics (Gallas 2009) with clusters of images; interaction with a subgroup by Wald's test as Hotelling's
# T squared. A cluster is a patient.

file_of_script <- sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE))
here <- if (length(file_of_script) == 1) dirname(file_of_script) else "."
z <- qnorm(0.975)
tolerance <- 1e-6

# ---- JSON -----------------------------------------------------------------------------------------------------------------

# A list of lists; null is NA.
read_json <- function(path) {
  text <- paste(readLines(path, encoding = "UTF-8", warn = FALSE), collapse = "\n")
  pattern <- '"(?:[^"\\\\]|\\\\.)*"|-?[0-9]+(?:\\.[0-9]+)?(?:[eE][-+]?[0-9]+)?|true|false|null|[][{}:,]'
  tokens <- regmatches(text, gregexpr(pattern, text, perl = TRUE))[[1]]
  at <- 0
  unquoted <- function(token) substr(token, 2, nchar(token) - 1)
  value <- function() {
    at <<- at + 1
    token <- tokens[at]
    if (token == "{" || token == "[") {
      is_object <- token == "{"
      end <- if (is_object) "}" else "]"
      found <- list()
      names <- character()
      while (tokens[at + 1] != end) {
        if (tokens[at + 1] == ",") at <<- at + 1
        if (is_object) {
          names <- c(names, unquoted(tokens[at + 1]))
          at <<- at + 2
        }
        found[[length(found) + 1]] <- value()
      }
      at <<- at + 1
      if (is_object) names(found) <- names
      return(found)
    }
    if (token == "null") return(NA)
    if (token == "true" || token == "false") return(token == "true")
    if (startsWith(token, '"')) return(unquoted(token))
    as.numeric(token)
  }
  value()
}

# ---- one party ------------------------------------------------------------------------------------------------------------

none <- c(NA, NA, NA)

wilson <- function(p, n) {
  centre <- p + z^2 / (2 * n)
  half <- z * sqrt(p * (1 - p) / n + z^2 / (4 * n^2))
  scale <- 1 + z^2 / n
  c(if (p == 0) 0 else (centre - half) / scale, if (p == 1) 1 else (centre + half) / scale)
}

# Estimate and limits of a share of images that come in clusters.
share <- function(outcome, cluster) {
  n <- length(outcome)
  if (n == 0) return(none)
  events <- as.vector(tapply(outcome, cluster, sum))
  trials <- as.vector(tapply(outcome, cluster, length))
  count <- length(trials)
  p <- sum(outcome) / n
  if (count < 2) return(c(p, NA, NA))
  binomial <- p * (1 - p) / n
  if (binomial == 0) return(c(p, wilson(p, count)))
  variance <- count / (count - 1) * sum((events - p * trials)^2) / n^2
  if (variance < 1e-20 * binomial) return(c(p, NA, NA))
  c(p, wilson(p, n * binomial / variance))
}

# For each value the number of others below it, ties counted half.
below <- function(values, others) {
  sorted <- sort(others)
  (findInterval(values, sorted) + findInterval(values, sorted, left.open = TRUE)) / 2
}

sum_by <- function(values, groups, all) {
  sums <- setNames(numeric(length(all)), all)
  found <- tapply(values, groups, sum)
  sums[names(found)] <- found
  unname(sums)
}

# Estimate and limits of an area under the ROC curve of images that come in clusters.
area <- function(truth, score, cluster) {
  if (length(unique(truth)) < 2) return(none)
  positive <- score[truth == 1]
  negative <- score[truth == 0]
  v10 <- below(positive, negative) / length(negative)
  v01 <- 1 - below(negative, positive) / length(positive)
  auc <- mean(v10)
  all <- unique(cluster)
  above <- sum_by(v10 - auc, cluster[truth == 1], all)
  beside <- sum_by(v01 - auc, cluster[truth == 0], all)
  with_positive <- length(unique(cluster[truth == 1]))
  with_negative <- length(unique(cluster[truth == 0]))
  smaller <- min(with_positive, with_negative)
  if (smaller < 2) return(c(auc, NA, NA))
  parts <- c(
    with_positive / (with_positive - 1) * sum(above^2) / length(v10)^2,
    with_negative / (with_negative - 1) * sum(beside^2) / length(v01)^2,
    2 * length(all) / (length(all) - 1) * sum(above * beside) / (length(v10) * length(v01))
  )
  variance <- sum(parts)
  if (abs(variance) <= 1e-12 * sum(abs(parts)) || variance < 1e-28 || auc <= 0 || auc >= 1) return(c(auc, NA, NA))
  half <- qt(0.975, smaller - 1) * sqrt(variance) / (auc * (1 - auc))
  c(auc, plogis(qlogis(auc) - half), plogis(qlogis(auc) + half))
}

# ---- averages over readers ------------------------------------------------------------------------------------------------

# What a read of each reader weighs in either test: alike in both, nothing for a reader of one test only, unless all are.
weigh <- function(a, b) {
  in_both <- a > 0 & b > 0
  nested <- !any(in_both)
  weight <- if (nested) a + b else ifelse(in_both, (a + b) / 2, 0)
  sides <- if (nested) list(a, b) else list(weight)
  list(
    weights = list(ifelse(a > 0, weight / a, 0), ifelse(b > 0, weight / b, 0)),
    readers = if (nested) sum(a + b > 0) else sum(in_both),
    effective = min(sapply(sides, function(side) if (any(side > 0)) sum(side)^2 / sum(side^2) else 0))
  )
}

# Sum of products over two (positive cluster, negative cluster) pairs that have no cluster in common.
unlike <- function(x, y) {
  all_x <- rowSums(x) + colSums(x)
  all_y <- rowSums(y) + colSums(y)
  one <- sum(all_x * all_y)
  two <- sum(x * y) + sum(x * t(y)) + sum(all_x * diag(y)) + sum(diag(x) * all_y)
  sum(x) * sum(y) - one + two - 3 * sum(diag(x) * diag(y))
}

sums_of_areas <- function(x, y) {
  all_x <- Reduce(`+`, x)
  all_y <- Reduce(`+`, y)
  list(
    apart = unlike(all_x, all_y) - sum(mapply(unlike, x, y)),
    sources = c(
      sum(mapply(function(a, b) sum(a) * sum(b), x, y)),
      sum(rowSums(all_x) * rowSums(all_y)),
      sum(colSums(all_x) * colSums(all_y))
    ),
    every = sum(all_x) * sum(all_y)
  )
}

sums_of_shares <- function(x, y) {
  x <- do.call(rbind, x)
  y <- do.call(rbind, y)
  every <- sum(x) * sum(y)
  reader <- sum(rowSums(x) * rowSums(y))
  cluster <- sum(colSums(x) * colSums(y))
  list(apart = every - reader - cluster + sum(x * y), sources = c(reader, cluster), every = every)
}

# Unbiased second moment, and what readers and images alone add, with their degrees of freedom.
moments <- function(sums, won, read, other_won, other_read) {
  outcome <- sums(won, other_won)
  seen <- sums(read, other_read)
  average <- if (seen$every > 0) outcome$every / seen$every else 0
  list(
    estimable = seen$apart > 0,
    unbiased = if (seen$apart > 0) outcome$apart / seen$apart else 0,
    sources = ifelse(seen$sources > 0, outcome$sources / seen$sources - average, 0),
    df = ifelse(seen$sources > 0, floor(seen$every / seen$sources - 1 + 0.5), 0)
  )
}

# First less second, averaged over readers: rows are readers, columns images; NA where an image was not read.
contrast <- function(truth, cluster, first, second, measure) {
  wanted <- switch(measure, auc = c(0, 1), sensitivity = 1, specificity = 0)
  kept <- truth %in% wanted & colSums(!is.na(first) | !is.na(second)) > 0
  truth <- truth[kept]
  cluster <- match(cluster[kept], unique(cluster[kept]))
  first <- first[, kept, drop = FALSE]
  second <- second[, kept, drop = FALSE]
  if (any(sapply(wanted, function(of) length(unique(cluster[truth == of])) < 2))) return(list(fixed = NULL, random = NULL))
  clusters <- max(cluster)
  readers <- seq_len(nrow(first))
  tests <- list(first, second)
  pairs <- lapply(tests, function(scores) sapply(readers, function(r) {
    read <- !is.na(scores[r, ])
    if (measure == "auc") sum(read & truth == 1) * sum(read & truth == 0) else sum(read)
  }))
  weighing <- weigh(pairs[[1]], pairs[[2]])

  sides <- lapply(1:2, function(side) {
    scores <- tests[[side]]
    weight <- weighing$weights[[side]]
    if (measure == "auc") {
      table_of <- function(r, outcome) {
        p <- which(!is.na(scores[r, ]) & truth == 1)
        q <- which(!is.na(scores[r, ]) & truth == 0)
        above <- outer(scores[r, p], scores[r, q], outcome)
        places <- outer(cluster[p], (cluster[q] - 1) * clusters, `+`)
        weight[r] * matrix(by_place(as.vector(above), as.vector(places), clusters^2), clusters)
      }
      won <- lapply(readers, table_of, function(a, b) (a > b) + 0.5 * (a == b))
      seen <- lapply(readers, table_of, function(a, b) a * 0 + b * 0 + 1)
      all_won <- Reduce(`+`, won)
      all_seen <- Reduce(`+`, seen)
      total <- sum(all_seen)
      average <- sum(all_won) / total
      parts <- list(
        (rowSums(all_won) - average * rowSums(all_seen)) / total,
        (colSums(all_won) - average * colSums(all_seen)) / total
      )
      holds <- list(rowSums(all_seen) > 0, colSums(all_seen) > 0)
    } else {
      counted <- function(r, rows) weight[r] * tabulate(cluster[rows], clusters)
      seen <- lapply(readers, function(r) counted(r, !is.na(scores[r, ])))
      won <- lapply(readers, function(r) counted(r, !is.na(scores[r, ]) & scores[r, ] == wanted))
      all_won <- Reduce(`+`, won)
      all_seen <- Reduce(`+`, seen)
      total <- sum(all_seen)
      average <- sum(all_won) / total
      parts <- list((all_won - average * all_seen) / total)
      holds <- list(all_seen > 0)
    }
    list(won = won, seen = seen, average = average, parts = parts, holds = holds)
  })
  a <- sides[[1]]
  b <- sides[[2]]
  estimate <- a$average - b$average

  either <- function(holds) Reduce(`|`, holds)
  counts <- function(holds) c(sapply(holds, sum), sum(either(holds)))
  variance_of <- function(parts, counted) {
    own <- sum(mapply(function(part, count) per_df(count) * sum(part^2), parts, counted[seq_along(parts)]))
    if (length(parts) == 2) own + 2 * per_df(counted[3]) * sum(parts[[1]] * parts[[2]]) else own
  }
  counted <- list(counts(a$holds), counts(b$holds))
  least <- pmin(counted[[1]], counted[[2]])
  smaller <- sapply(counted, function(each) min(each[-length(each)]))
  variances <- c(variance_of(a$parts, counted[[1]]), variance_of(b$parts, counted[[2]]))
  size <- sum(variances)
  if (any(either(a$holds) & either(b$holds))) {
    fixed <- variance_of(Map(`-`, a$parts, b$parts), least)
    df <- min(smaller) - 1
  } else {
    spread <- sum(variances^2 / (smaller - 1))
    fixed <- size
    df <- if (spread > 0) max(min(smaller) - 1, size^2 / spread) else min(smaller) - 1
  }

  # t with df degrees of freedom, normal where df is infinite.
  test <- function(variance, df) {
    if (variance <= 1e-12 * size) return(list(estimate = estimate, limits = c(NA, NA), df = df, p = NA))
    error <- sqrt(variance)
    list(estimate = estimate, limits = estimate + c(-1, 1) * qt(0.975, df) * error, df = df, p = 2 * pt(-abs(estimate / error), df))
  }
  of_fixed <- test(fixed, df)
  sums <- if (measure == "auc") sums_of_areas else sums_of_shares
  own <- moments(sums, a$won, a$seen, a$won, a$seen)
  other <- moments(sums, b$won, b$seen, b$won, b$seen)
  shared <- moments(sums, a$won, a$seen, b$won, b$seen)
  if (weighing$readers < 2 || !(own$estimable && other$estimable && shared$estimable)) return(list(fixed = of_fixed, random = NULL))
  dfs <- pmin(own$df, other$df)
  if (min(dfs) < 1) return(list(fixed = of_fixed, random = list(estimate = estimate, limits = c(NA, NA), df = NA, p = NA)))
  unbiased <- (a$average^2 - own$unbiased) + (b$average^2 - other$unbiased) - 2 * (a$average * b$average - shared$unbiased)
  sources <- own$sources + other$sources - 2 * shared$sources
  variance <- max(unbiased, fixed)
  spread <- sum(sources^2 / dfs^3)
  df <- if (spread == 0) NA else max(min(dfs), variance^2 / spread)
  of_random <- test(variance, if (is.na(df) || df > 50) Inf else floor(df))
  of_random$df <- df
  # Readers like these are never surer than these very readers, and nothing is tested of fewer than five.
  width <- function(each) if (is.na(each$limits[1])) 0 else diff(each$limits)
  if (width(of_random) < width(of_fixed)) of_random[c("limits", "df")] <- of_fixed[c("limits", "df")]
  tested <- !is.na(of_random$p) && floor(weighing$effective + 0.5) >= 5
  of_random$p <- if (tested) max(of_random$p, if (is.na(of_fixed$p)) 0 else of_fixed$p) else NA
  list(fixed = of_fixed, random = of_random)
}

by_place <- function(values, places, count) {
  sums <- numeric(count)
  found <- rowsum(values, places)
  sums[as.integer(rownames(found))] <- found[, 1]
  sums
}

# ---- subgroups ------------------------------------------------------------------------------------------------------------

per_df <- function(count) if (count > 1) count / (count - 1) else 0

# An area or a share of one reader, and what each patient's positives and negatives add to it. Its size: the pairs (images) it is an average of.
figure_of <- function(values, truth, patient, patients, measure) {
  own <- !is.na(values)
  values <- values[own]
  truth <- truth[own]
  patient <- patient[own]
  positive <- negative <- numeric(patients)
  size <- if (measure == "auc") sum(truth == 1) * sum(truth == 0) else length(values)
  if (size == 0) return(list(size = 0, value = 0, positive = positive, negative = negative))
  if (measure == "auc") {
    v10 <- below(values[truth == 1], values[truth == 0]) / sum(truth == 0)
    v01 <- 1 - below(values[truth == 0], values[truth == 1]) / sum(truth == 1)
    value <- mean(v10)
    positive <- by_place((v10 - value) / length(v10), patient[truth == 1], patients)
    negative <- by_place((v01 - value) / length(v01), patient[truth == 0], patients)
  } else {
    right <- as.numeric(values == truth)
    value <- mean(right)
    adds <- by_place((right - value) / size, patient, patients)
    if (measure == "sensitivity") positive <- adds else negative <- adds
  }
  list(size = size, value = value, positive = positive, negative = negative)
}

# First less second in one subgroup, averaged over these very readers: rows are readers, columns the units of the subgroup in the classes of the measure.
in_subgroup <- function(first, second, truth, patient, patients, measure) {
  seen <- colSums(!is.na(first) | !is.na(second)) > 0
  about <- list(n = sum(seen), positive = sum(truth[seen]), patients = length(unique(patient[seen])))
  nothing <- c(about, list(estimate = NA, limits = c(NA, NA), p = NA))
  figures <- lapply(seq_len(nrow(first)), function(r) lapply(list(first[r, ], second[r, ]), figure_of, truth, patient, patients, measure))
  figures <- Filter(function(pair) pair[[1]]$size > 0 && pair[[2]]$size > 0, figures)
  if (length(figures) == 0) return(nothing)
  weight <- sapply(figures, function(pair) (pair[[1]]$size + pair[[2]]$size) / 2)
  less <- function(part) Reduce(`+`, Map(function(pair, w) w / sum(weight) * (pair[[1]][[part]] - pair[[2]][[part]]), figures, weight))
  estimate <- less("value")
  positive <- less("positive")
  negative <- less("negative")
  of_class <- sapply(c(1, 0), function(of) length(unique(patient[seen & truth == of])))
  clusters <- min(of_class[switch(measure, auc = 1:2, sensitivity = 1, specificity = 2)])
  nothing$estimate <- estimate
  if (clusters < 2) return(nothing)
  each <- sapply(of_class, per_df)
  variance <- each[1] * sum(positive^2) + each[2] * sum(negative^2) + 2 * per_df(about$patients) * sum(positive * negative)
  if (variance < 1e-15) return(nothing)
  half <- qt(0.975, clusters - 1) * sqrt(variance)
  c(about, list(
    estimate = estimate,
    limits = pmax(-1, pmin(1, estimate + c(-1, 1) * half)),
    p = 2 * pt(-abs(estimate / sqrt(variance)), clusters - 1),
    influence = sqrt(each[1]) * positive + sqrt(each[2]) * negative,
    clusters = clusters
  ))
}

# Whether the differences of these subgroups are equal.
interaction_of <- function(levels) {
  q <- length(levels) - 1
  if (q < 1) return(NULL)
  last <- levels[[q + 1]]
  contrast <- sapply(levels[seq_len(q)], function(level) level$estimate - last$estimate)
  influence <- sapply(levels[seq_len(q)], function(level) level$influence - last$influence)
  upper <- suppressWarnings(tryCatch(chol(crossprod(influence)), error = function(e) NULL))
  if (is.null(upper) || any(diag(upper)^2 <= 1e-12 * colSums(influence^2))) return(NULL)
  wald <- sum(backsolve(upper, contrast, transpose = TRUE)^2)
  patients <- min(sapply(levels, function(level) level$clusters)) + q - 1
  df <- c(q, patients - q)
  if (df[2] < 1) return(NULL)
  statistic <- wald * df[2] / (q * (patients - 1))
  list(statistic = statistic, df = df, p = pf(statistic, df[1], df[2], lower.tail = FALSE))
}

# ---- the tables and the results -------------------------------------------------------------------------------------------

table_of <- function(name) {
  read.csv(file.path(here, name), fileEncoding = "UTF-8-BOM", colClasses = "character", na.strings = "", check.names = FALSE)
}
images <- table_of("images.csv")
results <- read_json(file.path(here, "results.json"))
settings <- read_json(file.path(here, "settings.json"))
reads <- table_of("reads.csv")
reads <- reads[reads$occasion == "1", ]
scores <- if (file.exists(file.path(here, "scores.csv"))) table_of("scores.csv")

# What every party said of every image: calls (those of a rule set, NA: as they were given) and ratings; of the network also from which score a call is positive.
opinions_of_images <- function(rule_set) {
  spread_out <- function(values, image) {
    row <- rep(NA_real_, nrow(images))
    row[match(image, images$image)] <- values
    row
  }
  given <- as.integer(reads$call)
  call <- if (is.na(rule_set)) given else ifelse(is.na(given), NA, as.integer(reads[[paste0("call_", rule_set)]]))
  # A read without a call was not evaluable: it counts as the plan says, and for areas not at all.
  of_image <- as.integer(images$truth)[match(reads$image, images$image)]
  counted <- ifelse(!is.na(given), call, switch(settings$notEvaluable, exclude = NA, positive = 1, negative = 0, incorrect = 1 - of_image))
  # Calls as given ranked by confidence, a positive guess above a negative one.
  rank <- ifelse(given == 1, 101 + as.numeric(reads$confidence), 100 - as.numeric(reads$confidence))
  rating <- as.numeric(reads$rating)
  party <- paste(reads$reader, reads$condition)
  parties <- lapply(split(seq_len(nrow(reads)), factor(party, unique(party))), function(own) {
    # By ratings alone where the reader gave any in the condition.
    rated <- if (all(is.na(rating[own]))) rank[own] else rating[own]
    image <- reads$image[own]
    list(calls = spread_out(counted[own], image), ratings = spread_out(rated, image))
  })
  if (!is.null(scores)) {
    score <- as.numeric(scores$score)
    cut <- as.numeric(scores$threshold)
    of <- function(values) spread_out(values, scores$image)
    parties[["network"]] <- list(calls = of(as.integer(score >= cut)), ratings = of(score), cuts = of(cut))
  }
  parties
}

# Added in the order of the images, so that means tie where the program's do.
average <- function(values) Reduce(`+`, values) / length(values)
at_least_half <- function(calls) as.integer(average(calls) >= 0.5)

# Images, nodes or patients, positive where one image is, and what was said of them: one opinion out of those of their images, by the rule.
counted_by <- function(level, rule, parties) {
  id <- switch(level, image = images$image, node = paste(images$patient, images$node), patient = images$patient)
  unit <- match(id, unique(id))
  of_units <- function(values, of) {
    said <- !is.na(values)
    row <- rep(NA_real_, max(unit))
    found <- tapply(values[said], unit[said], of)
    row[as.integer(names(found))] <- found
    row
  }
  call_of <- if (rule == "any") max else at_least_half
  rating_of <- switch(rule, any = max, majority = median, mean = average)
  list(
    truth = as.vector(tapply(as.integer(images$truth), unit, max)),
    patient = images$patient[!duplicated(unit)],
    # A unit whose images are of several subgroups is in none.
    group = function(factor) {
      of_image <- images[[paste0("group_", factor)]]
      as.vector(tapply(of_image, unit, function(groups) if (length(unique(groups)) == 1) groups[1] else NA_character_))
    },
    parties = lapply(parties, function(party) {
      mean_reaches <- rule == "mean" && !is.null(party$cuts)
      list(
        calls = if (mean_reaches) as.integer(of_units(party$ratings, average) >= of_units(party$cuts, average)) else of_units(party$calls, call_of),
        ratings = of_units(party$ratings, rating_of)
      )
    })
  )
}

failed <- 0
check <- function(what, stored, computed) {
  same <- if (is.na(stored) || is.na(computed)) is.na(stored) && is.na(computed) else abs(stored - computed) <= tolerance * max(1, abs(stored))
  if (!same) failed <<- failed + 1
  cat(if (same) "ok        " else "DIFFERENT ", " ", what, ": ", format(computed, digits = 12), if (!same) paste(", results.json has", stored), "\n", sep = "")
}
estimate <- function(what, stored, computed) {
  for (i in 1:3) check(paste(what, c("estimate", "lower", "upper")[i]), stored[[c("estimate", "lower", "upper")[i]]], computed[i])
}
has_proc <- requireNamespace("pROC", quietly = TRUE)

# The accuracy table. Without areas where only the calls are others.
check_rows <- function(what, rows, units) {
  truth <- units$truth
  cluster <- units$patient
  for (row in rows) {
    party <- units$parties[[if (is.na(row$condition)) row$reader else paste(row$reader, row$condition)]]
    name <- paste0(what, row$reader, if (!is.na(row$condition)) paste0(" ", row$condition))
    own <- party$calls
    seen <- !is.na(own)
    right <- as.numeric(own == truth)
    for (cell in list(list("tp", 1, 1), list("fn", 1, 0), list("tn", 0, 0), list("fp", 0, 1)))
      check(paste(name, cell[[1]]), row[[cell[[1]]]], sum(seen & truth == cell[[2]] & own == cell[[3]]))
    among <- list(sensitivity = truth == 1, specificity = truth == 0, ppv = own == 1, npv = own == 0, accuracy = seen)
    for (measure in names(among)) {
      kept <- which(seen & among[[measure]])
      estimate(paste(name, measure), row[[measure]], share(right[kept], cluster[kept]))
    }
    if (is.null(row$auc)) next
    rated <- which(!is.na(party$ratings))
    found <- area(truth[rated], party$ratings[rated], cluster[rated])
    estimate(paste(name, "auc"), row$auc, found)
    if (has_proc && !is.na(found[1])) {
      curve <- pROC::roc(truth[rated], party$ratings[rated], levels = c(0, 1), direction = "<", quiet = TRUE)
      check(paste(name, "auc by pROC"), row$auc$estimate, as.numeric(pROC::auc(curve)))
    }
  }
}

# What the parties of a contrast said, by reader: first and second. The network is held against each reader on what both have.
sides_of <- function(about, units) {
  values <- function(party) if (about$measure == "auc") party$ratings else party$calls
  in_condition <- function(condition) {
    readers <- unique(reads$reader[reads$condition == condition])
    found <- setNames(lapply(readers, function(reader) values(units$parties[[paste(reader, condition)]])), readers)
    if (about$measure == "auc") Filter(function(row) !all(is.na(row)), found) else found
  }
  second <- in_condition(about$second)
  if (!is.na(about$first)) return(list(first = in_condition(about$first), second = second))
  scored <- units$parties[["network"]]
  scored <- if (is.null(scored)) rep(NA_real_, length(units$truth)) else values(scored)
  list(first = lapply(second, function(row) ifelse(is.na(row), NA, scored)), second = lapply(second, function(row) ifelse(is.na(scored), NA, row)))
}
rows_of <- function(side, readers, width) {
  row <- function(reader) if (is.null(side[[reader]])) rep(NA_real_, width) else side[[reader]]
  matrix(as.numeric(unlist(lapply(readers, row))), length(readers), width, byrow = TRUE)
}

# Whom an average is over: the readers of both sides; nested readers, of whom nobody is in both, all together.
averaged_over <- function(sides) {
  both <- intersect(names(sides$first), names(sides$second))
  if (length(both) > 0) both else union(names(sides$first), names(sides$second))
}

check_primary <- function(what, primary, units) {
  sides <- sides_of(primary, units)
  readers <- averaged_over(sides)
  rows <- lapply(sides, rows_of, readers, length(units$truth))
  found <- if (length(readers) > 0) contrast(units$truth, units$patient, rows$first, rows$second, primary$measure)[[primary$readers]]
  if (is.null(found)) found <- list(estimate = NA, limits = c(NA, NA), df = NA, p = NA)
  name <- paste0(what, "primary contrast")
  estimate(name, primary$difference, c(found$estimate, pmax(-1, pmin(1, found$limits))))
  check(paste(name, "df"), primary$df, found$df)
  check(paste(name, "P"), primary$p, found$p)
}

check_subgroups <- function(what, subgroups, units) {
  patient <- match(units$patient, unique(units$patient))
  for (about in subgroups) {
    sides <- sides_of(about, units)
    in_both <- Reduce(intersect, lapply(na.omit(c(about$first, about$second)), function(condition) reads$reader[reads$condition == condition]))
    rows <- lapply(sides, rows_of, intersect(averaged_over(sides), in_both), length(units$truth))
    group <- units$group(about$factor)
    name <- paste0(what, about$factor, ", ", if (is.na(about$first)) "network" else about$first, " less ", about$second, ", ", about$measure)
    levels <- lapply(about$levels, function(level) {
      kept <- which(group == level$level & units$truth %in% switch(about$measure, auc = c(0, 1), sensitivity = 1, specificity = 0))
      of <- lapply(rows, function(side) side[, kept, drop = FALSE])
      found <- in_subgroup(of$first, of$second, units$truth[kept], patient[kept], max(patient), about$measure)
      in_level <- paste0(name, ", ", level$level)
      for (count in c("n", "positive", "patients")) check(paste(in_level, count), level[[count]], found[[count]])
      estimate(in_level, level$difference, c(found$estimate, found$limits))
      check(paste(in_level, "P"), level$p, found$p)
      found
    })
    found <- interaction_of(Filter(function(level) !is.null(level$influence), levels))
    stored <- if (is.list(about$interaction)) about$interaction else list(statistic = NA, df = list(NA, NA), p = NA)
    if (is.null(found)) found <- list(statistic = NA, df = c(NA, NA), p = NA)
    check(paste(name, "interaction F"), stored$statistic, found$statistic)
    for (i in 1:2) check(paste(name, "interaction df"), stored$df[[i]], found$df[i])
    check(paste(name, "interaction P"), stored$p, found$p)
  }
}

check_all <- function(what, stored, units) {
  check_rows(what, stored$rows, units)
  if (is.list(stored$primary)) check_primary(what, stored$primary, units)
  check_subgroups(what, stored$subgroups, units)
}

plan <- settings$plan
as_planned <- opinions_of_images(plan$ruleSet)
check_all("", results, counted_by(plan$unit$level, plan$unit$rule, as_planned))
if (!is.list(results$primary)) cat("The protocol plans no primary contrast.\n")
for (other in results$units) check_all(paste0("by ", other$unit, ", "), other, counted_by(other$unit, other$rule, as_planned))
for (other in results$readings) {
  what <- if (is.na(other$calls)) "calls as given, " else paste0("calls by ", other$calls, ", ")
  check_all(what, other, counted_by(plan$unit$level, plan$unit$rule, opinions_of_images(other$calls)))
}

if (!has_proc) cat("pROC is not installed: the areas were not computed once more by it.\n")
cat(if (failed > 0) paste(failed, "numbers differ.\n") else "Every number is that of results.json.\n")
quit(status = if (failed > 0) 1 else 0)
