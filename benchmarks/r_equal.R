# What R finds on the pooled rows: Rscript r_equal.R tables.json found.json (see r_equal.py)
suppressPackageStartupMessages({
  library(jsonlite)
  library(survival)
  library(cmprsk)
  library(MASS)
  library(metafor)
  library(pROC)
})

close <- coxph.control(eps = 1e-14, toler.chol = 1e-15, iter.max = 60)
closely <- glm.control(epsilon = 1e-300, maxit = 30) # R stops by the deviance, which hardly moves where coefficients still do
one_of <- function(value) if (length(value) == 0 || !all(is.finite(value))) NULL else value

numbers <- function(fit) {
  list(coefficients = unname(coef(fit)), errors = unname(sqrt(diag(vcov(fit)))))
}

frame_of <- function(body) {
  frame <- as.data.frame(body$columns)
  for (name in names(body$levels)) {
    levels <- body$levels[[name]]
    frame[[name]] <- factor(levels[frame[[name]] + 1], levels = levels)
  }
  frame
}

curves <- function(frame, by) {
  some <- frame[!is.na(frame[[by]]), ]
  some$group <- droplevels(some[[by]])
  found <- list()
  for (level in levels(some$group)) {
    fit <- survfit(Surv(time, event) ~ 1, data = some[some$group == level, ], conf.type = "log-log")
    means <- summary(fit, rmean = max(fit$time))$table
    inner <- fit$surv > 0 & fit$surv < 1
    found[[level]] <- list(
      survival = fit$surv, hazard = fit$cumhaz, inner = inner, low = fit$lower[inner], high = fit$upper[inner],
      mean = unname(means[c("rmean", "se(rmean)")]), median = one_of(unname(means["median"]))
    )
  }
  test <- survdiff(Surv(time, event) ~ group, data = some)
  list(groups = found, log_rank = c(test$chisq, test$pvalue))
}

sides <- function(covariates, more = "") {
  paste(c(paste(sprintf("`%s`", covariates), collapse = " + "), more[more != ""]), collapse = " + ")
}

cox <- function(frame, left, right, ties) {
  fit <- tryCatch(
    coxph(as.formula(paste(left, "~", right)), data = frame, ties = ties, control = close),
    warning = function(w) NULL, error = function(e) NULL
  )
  if (is.null(fit) || anyNA(coef(fit)) || max(sqrt(diag(fit$var))) > 50) return(NULL)
  fit
}

told <- function(fit) c(numbers(fit), list(log_likelihood = fit$loglik[2]))

proportional <- function(fit, clock) {
  # R tests a model of one variable once
  tested <- tryCatch(cox.zph(fit, transform = clock)$table, error = function(e) NULL)
  if (is.null(tested)) NULL else unname(tested[, "chisq"])
}

hospitals <- function(body, frame, sites) {
  frame$site <- sites
  found <- list()
  covariates <- unlist(body$covariates)
  known <- droplevels(frame[complete.cases(frame[, c("time", "event", covariates)]), ])
  fit <- cox(known, "Surv(time, event)", sides(covariates, "strata(site)"), "efron")
  if (!is.null(fit)) {
    agreed <- concordance(fit)
    found$hospital <- c(told(fit), list(
      concordance = unname(agreed$concordance), concordance_error = unname(sqrt(agreed$var)),
      km = proportional(fit, "km"), time = proportional(fit, "identity"), log = proportional(fit, "log")
    ))
  }
  known$who <- seq_len(nrow(known))
  fit <- cox(known, "Surv(time, event)", sides(covariates, "strata(site) + cluster(who)"), "breslow")
  if (!is.null(fit)) found$robust <- told(fit)
  left <- setdiff(covariates, body$by)
  if (length(left) > 0) {
    some <- droplevels(frame[complete.cases(frame[, c("time", "event", left, body$by)]), ])
    strata <- sprintf("strata(`%s`, site)", body$by)
    fit <- cox(some, "Surv(entry, time, event)", sides(left, strata), "efron")
    if (!is.null(fit)) found$entry <- told(fit)
  }
  found
}

models <- function(frame, covariates, wanted) {
  known <- droplevels(frame[complete.cases(frame[, c("time", "event", covariates)]), ])
  known$count <- ceiling(known$time)
  right <- sides(covariates)
  found <- list()
  if ("gaussian" %in% wanted) found$gaussian <- numbers(lm(as.formula(paste("time ~", right)), data = known))
  if ("binomial" %in% wanted) {
    found$binomial <- numbers(suppressWarnings(glm(as.formula(paste("event ~", right)), binomial, known, control = closely)))
  }
  if ("poisson" %in% wanted) {
    right <- paste(right, "+ offset(log(time))")
    found$poisson <- numbers(suppressWarnings(glm(as.formula(paste("event ~", right)), poisson, known, control = closely)))
  }
  if ("negative_binomial" %in% wanted) {
    fit <- tryCatch(
      suppressWarnings(glm.nb(as.formula(paste("count ~", sides(covariates))), known, control = closely)),
      error = function(e) NULL
    )
    if (!is.null(fit)) found$negative_binomial <- list(coefficients = unname(coef(fit)), theta = fit$theta)
  }
  found
}

competing <- function(frame, by) {
  some <- frame[!is.na(frame[[by]]), ]
  some$group <- droplevels(some[[by]])
  fit <- cuminc(some$time, some$cause, some$group)
  whole <- survfit(Surv(time, factor(cause, 0:2)) ~ 1, data = some)
  list(tests = unname(fit$Tests[, "stat"]), incidence = unname(whole$pstate[, 2]))
}

pooled <- function(estimates, errors) {
  found <- list()
  methods <- c(fixed = "FE", dersimonian_laird = "DL", paule_mandel = "PM", restricted = "REML")
  for (name in names(methods)) {
    for (test in c("z", "knha")) {
      fit <- suppressWarnings(rma(yi = estimates, sei = errors, method = methods[[name]], test = test,
                 control = list(threshold = 1e-14, tol = 1e-14, maxiter = 10000, tau2.max = 100)))
      found[[paste(name, test)]] <- c(fit$b, fit$se, fit$ci.lb, fit$ci.ub, fit$tau2, fit$QE)
    }
  }
  found
}

score <- function(event, value) {
  fit <- roc(event, value, direction = "<", levels = c(0, 1), quiet = TRUE)
  c(as.numeric(auc(fit)), sqrt(var(fit, method = "delong")))
}

one <- function(body) {
  frame <- frame_of(body)
  covariates <- unlist(body$covariates)
  known <- droplevels(frame[complete.cases(frame[, c("time", "event", covariates)]), ])
  common <- lapply(c(efron = "efron", breslow = "breslow"), function(ties) {
    told(cox(known, "Surv(time, event)", sides(covariates), ties))
  })
  plain <- frame[!is.na(frame[[body$score]]), ]
  found <- list(
    curves = curves(frame, body$by), cox = common, models = models(frame, covariates, unlist(body$models)),
    competing = competing(frame, body$by), score = score(plain$event, plain[[body$score]]),
    pooled = pooled(unlist(body$estimates), unlist(body$errors)),
    hospitals = lapply(body$sites, function(sites) hospitals(body, frame, unlist(sites)))
  )
  found
}

files <- commandArgs(trailingOnly = TRUE)
tables <- fromJSON(files[1], simplifyDataFrame = FALSE, simplifyMatrix = FALSE)
packages <- c("survival", "cmprsk", "MASS", "metafor", "pROC")
versions <- c(list(R = as.character(getRversion())), sapply(packages, function(p) as.character(packageVersion(p)), simplify = FALSE))
found <- Map(function(name, body) {
  message("R: ", name)
  one(body)
}, names(tables), tables)
write(toJSON(list(versions = versions, tables = found), digits = I(17), auto_unbox = TRUE, null = "null", na = "null"), files[2])
