(* Linear inequalities: if multiples of some of them add up to what no values of their terms fulfil, they do not hold together. Values are rationals, among which are
   all decimals and all integers. *)
Require Import ZArith QArith List Bool Lia Lqa.
Import ListNotations.
Open Scope Q_scope.

Notation "# z" := (inject_Z z) (at level 5).

Definition parts_of : Type := list (nat * Z).

(* A sum of multiples of terms is at most a bound, or less than it. *)
Record row := { parts : parts_of; bound : Z; strict : bool }.

Definition value (x : nat -> Q) (ps : parts_of) : Q := fold_right (fun p s => #(snd p) * x (fst p) + s) 0 ps.
Definition holds (x : nat -> Q) (r : row) : Prop := if strict r then value x (parts r) < #(bound r) else value x (parts r) <= #(bound r).

(* One more multiple of a term. *)
Fixpoint add (n : nat) (k : Z) (ps : parts_of) : parts_of :=
  match ps with
  | [] => [(n, k)]
  | (m, j) :: ps => if Nat.eqb n m then (m, j + k)%Z :: ps else (m, j) :: add n k ps
  end.
Definition add_all (k : Z) (more ps : parts_of) : parts_of := fold_right (fun p ps => add (fst p) (k * snd p)%Z ps) ps more.

(* The sum of multiples of rows. *)
Fixpoint total (ms : list (Z * row)) : row :=
  match ms with
  | [] => {| parts := []; bound := 0; strict := false |}
  | (k, r) :: ms =>
      let t := total ms in {| parts := add_all k (parts r) (parts t); bound := (k * bound r + bound t)%Z; strict := strict r || strict t |}
  end.

Lemma value_add : forall x n k ps, value x (add n k ps) == value x ps + #k * x n.
Proof.
  intros x n k ps. induction ps as [|[m j] ps IH]; simpl; [ring|]. destruct (Nat.eqb_spec n m) as [->|N]; simpl; [rewrite inject_Z_plus; ring|].
  rewrite IH. ring.
Qed.
Lemma value_add_all : forall x k more ps, value x (add_all k more ps) == value x ps + #k * value x more.
Proof.
  intros x k more ps. induction more as [|[n j] more IH]; simpl; [ring|]. rewrite value_add. unfold add_all in IH. rewrite IH, inject_Z_mult. ring.
Qed.

Definition taken (x : nat -> Q) (m : Z * row) : Prop := (0 < fst m)%Z /\ holds x (snd m).

Theorem sum_holds : forall x ms, Forall (taken x) ms -> holds x (total ms).
Proof.
  intros x ms F. induction F as [|[k r] ms [P H] _ IH]; [apply Qle_refl|].
  assert (K : 0 < #k) by (change 0 with (#0); now rewrite <- Zlt_Qlt).
  pose proof (value_add_all x k (parts r) (parts (total ms))) as V.
  assert (B : #(k * bound r + bound (total ms)) == #k * #(bound r) + #(bound (total ms))) by (rewrite inject_Z_plus, inject_Z_mult; reflexivity).
  unfold holds in *. simpl fst in *. simpl snd in *. simpl parts. simpl bound. simpl strict.
  destruct (strict r); [apply (Qmult_lt_l _ _ _ K) in H|apply (Qmult_le_l _ _ _ K) in H]; destruct (strict (total ms)); simpl orb; cbv iota; lra.
Qed.

Section Ranges.
(* The range of a term, if it has one. *)
Variable range : nat -> option (Z * Z).
Definition in_range (x : nat -> Q) : Prop := forall n lo hi, range n = Some (lo, hi) -> #lo <= x n <= #hi.

(* The least value that a sum can have. *)
Fixpoint least (ps : parts_of) : option Z :=
  match ps with
  | [] => Some 0%Z
  | (n, k) :: ps =>
      match least ps, (if (k =? 0)%Z then Some 0%Z else match range n with Some (lo, hi) => Some (k * (if (0 <? k)%Z then lo else hi))%Z | None => None end) with
      | Some a, Some b => Some (a + b)%Z
      | _, _ => None
      end
  end.

Lemma least_is_least : forall x ps m, in_range x -> least ps = Some m -> #m <= value x ps.
Proof.
  intros x ps. induction ps as [|[n k] ps IH]; simpl; intros m R L; [injection L as <-; change (#0) with 0; lra|].
  destruct (least ps) as [a|]; [|discriminate]. specialize (IH a R eq_refl).
  destruct (Z.eqb_spec k 0) as [->|N].
  - injection L as <-. rewrite Z.add_0_r. change (#0) with 0. lra.
  - destruct (range n) as [[lo hi]|] eqn:E; [|discriminate]. injection L as <-. destruct (R n lo hi E) as [Lo Hi].
    rewrite inject_Z_plus, inject_Z_mult. destruct (Z.ltb_spec 0 k) as [P|P].
    + assert (K : 0 < #k) by (change 0 with (#0); now rewrite <- Zlt_Qlt). apply (Qmult_le_l _ _ _ K) in Lo. lra.
    + assert (K : 0 < -#k) by (rewrite <- inject_Z_opp; change 0 with (#0); rewrite <- Zlt_Qlt; lia). apply (Qmult_le_l _ _ _ K) in Hi. lra.
Qed.

(* Whether the least value is more than the row lets it be. *)
Definition is_false (r : row) : bool :=
  match least (parts r) with Some m => (bound r <? m)%Z || (strict r && (m =? bound r)%Z) | None => false end.

Lemma false_is_false : forall x r, in_range x -> is_false r = true -> ~ holds x r.
Proof.
  intros x r R F H. unfold is_false in F. destruct (least (parts r)) as [m|] eqn:L; [|discriminate].
  pose proof (least_is_least x _ _ R L) as M. unfold holds in H. apply orb_prop in F. destruct F as [F|F].
  - apply Z.ltb_lt in F. rewrite Zlt_Qlt in F. destruct (strict r); lra.
  - apply andb_prop in F. destruct F as [S F]. apply Z.eqb_eq in F. subst m. rewrite S in H. lra.
Qed.

Theorem farkas : forall x ms, in_range x -> Forall (taken x) ms -> is_false (total ms) = true -> False.
Proof. intros x ms R F I. exact (false_is_false x _ R I (sum_holds x ms F)). Qed.

(* Some tests say that one of two rows holds. A case takes one of each. *)
Fixpoint chosen (case : list bool) (either : list (row * row)) : list row :=
  match case, either with
  | side :: case, e :: either => (if side then fst e else snd e) :: chosen case either
  | _, _ => []
  end.

Lemma some_case_holds : forall x either, Forall (fun e => holds x (fst e) \/ holds x (snd e)) either ->
  exists case, length case = length either /\ Forall (holds x) (chosen case either).
Proof.
  intros x either F. induction F as [|e either H _ [case [L I]]]; [exists []; split; [reflexivity|constructor]|].
  destruct H as [H|H]; [exists (true :: case)|exists (false :: case)]; (split; [simpl; now rewrite L|constructor; assumption]).
Qed.

(* So it is enough to refute every case, each by multiples of its own. *)
Theorem farkas_with_unequal : forall x always either, in_range x ->
  (forall case, length case = length either -> exists ms,
     Forall (fun m => (0 < fst m)%Z /\ In (snd m) (always ++ chosen case either)) ms /\ is_false (total ms) = true) ->
  Forall (holds x) always -> Forall (fun e => holds x (fst e) \/ holds x (snd e)) either -> False.
Proof.
  intros x always either R C A E. destruct (some_case_holds x either E) as [case [L H]]. destruct (C case L) as [ms [M I]].
  apply (farkas x ms R); [|exact I]. rewrite Forall_forall in *. intros m J. destruct (M m J) as [P K]. split; [exact P|].
  apply in_app_or in K. destruct K; auto.
Qed.
End Ranges.

(* Of integers, a row may be divided by whatever divides all its factors, the bound rounded down; a strict one has a bound less by 1 before. *)
Definition rounded (g : Z) (r : row) : row :=
  {| parts := map (fun p => (fst p, snd p / g)%Z) (parts r); bound := ((if strict r then bound r - 1 else bound r) / g)%Z; strict := false |}.

Theorem rounded_holds : forall x g r, (0 < g)%Z -> Forall (fun p => (g | snd p)%Z /\ exists z, x (fst p) == #z) (parts r) -> holds x r -> holds x (rounded g r).
Proof.
  intros x g r G F H.
  assert (W : exists w, value x (parts r) == #(g * w) /\ value x (parts (rounded g r)) == #w).
  { simpl. clear H. induction F as [|[n k] ps [[q D] [z E]] _ [w [V W]]]; simpl in *; [exists 0%Z; split; [rewrite Z.mul_0_r|]; reflexivity|].
    subst k. exists (q * z + w)%Z. rewrite Z.div_mul by lia. rewrite V, W, E, !inject_Z_mult, !inject_Z_plus, !inject_Z_mult. split; ring. }
  destruct W as [w [V W]]. unfold holds in *. change (strict (rounded g r)) with false. cbv iota. rewrite W, <- Zle_Qle. unfold rounded, bound at 1.
  apply Z.div_le_lower_bound; [exact G|]. destruct (strict r); rewrite V in H; [rewrite <- Zlt_Qlt in H|rewrite <- Zle_Qle in H]; fold bound; lia.
Qed.

(* 0 <= a, b <= 3 and a + b > 6: the ranges alone refute it. *)
Module Example.
Definition range (n : nat) : option (Z * Z) := if Nat.ltb n 2 then Some (0, 3)%Z else None.
Definition more_than_six : row := {| parts := [(0%nat, -1); (1%nat, -1)]%Z; bound := -6; strict := true |}.
Example six_is_the_most : is_false range (total [(1%Z, more_than_six)]) = true.
Proof. reflexivity. Qed.
Example six_can_be : is_false range (total [(1%Z, {| parts := parts more_than_six; bound := -6; strict := false |})]) = false.
Proof. reflexivity. Qed.
(* c < d and d < c, of terms without a range. *)
Definition less (c d : nat) : row := {| parts := [(c, 1%Z); (d, -1)%Z]; bound := 0; strict := true |}.
Example no_circle : is_false range (total [(2%Z, less 2 3); (2%Z, less 3 2)]) = true.
Proof. reflexivity. Qed.
Example one_alone : is_false range (total [(1%Z, less 2 3)]) = false.
Proof. reflexivity. Qed.
(* 3a <= 26 is a <= 8, and 3a < 27 too. *)
Example thirds : map (rounded 3) [{| parts := [(0%nat, 3)]%Z; bound := 26; strict := false |}; {| parts := [(0%nat, 3)]%Z; bound := 27; strict := true |}]
  = repeat {| parts := [(0%nat, 1)]%Z; bound := 8; strict := false |} 2.
Proof. reflexivity. Qed.
End Example.
