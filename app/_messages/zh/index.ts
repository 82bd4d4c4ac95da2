import type { en } from "../en";
import account from "./account.json";
import accounts from "./accounts.json";
import admin from "./admin.json";
import analysis from "./analysis.json";
import audit from "./audit.json";
import auditTable from "./auditTable.json";
import cases from "./cases.json";
import enrolment from "./enrolment.json";
import frame from "./frame.json";
import imaging from "./imaging.json";
import lock from "./lock.json";
import login from "./login.json";
import models from "./models.json";
import overview from "./overview.json";
import parts from "./parts.json";
import passport from "./passport.json";
import pathology from "./pathology.json";
import reading from "./reading.json";
import studies from "./studies.json";

export const zh: typeof en = {
  account,
  accounts,
  admin,
  analysis,
  audit,
  auditTable,
  cases,
  enrolment,
  frame,
  imaging,
  lock,
  login,
  models,
  overview,
  parts,
  passport,
  pathology,
  reading,
  studies,
};
